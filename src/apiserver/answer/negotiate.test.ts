import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TestApi } from '../../../test/apiserver/test-api.ts'
import { negotiate } from './negotiate.ts'

const table = (version: string) => `application/json;as=Table;v=${version};g=meta.k8s.io`

describe('the format of an answer', () => {
  const cases: Readonly<Record<string, string>> = {
    '': 'json object v1',
    'application/json': 'json object v1',
    'application/yaml, application/json': 'yaml object v1',
    'application/json;q=0.5, application/yaml': 'yaml object v1',
    '*/*, application/yaml': 'yaml object v1',
    'application/*, application/yaml': 'yaml object v1',
    'text/html, */*;q=0.1': 'json object v1',
    [table('v1')]: 'json table v1',
    [table('v1beta1')]: 'json table v1beta1',
    // kubectl's.
    [`${table('v1')},${table('v1beta1')},application/json`]: 'json table v1',
    [`${table('v1beta1')},${table('v1')},application/json`]: 'json table v1beta1',
    [`${table('v2')},${table('v1beta1')},application/json`]: 'json table v1beta1',
    [`${table('v2')},application/json`]: 'json object v1',
    'application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1beta1':
      'json metadata v1beta1',
    'application/yaml;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1': 'yaml metadata v1',
  }
  for (const [accept, expected] of Object.entries(cases)) {
    it(`is ${expected} for ${accept}`, () => {
      const { encoding, shape, metaVersion } = negotiate(accept)
      assert.equal(`${encoding} ${shape} ${metaVersion.slice('meta.k8s.io/'.length)}`, expected)
    })
  }

  it('holds the same in v1beta1 as in v1', async () => {
    // A table tells ages.
    using api = await TestApi.start({ now: () => 0 })
    const maps = '/api/v1/namespaces/default/configmaps'
    await api.post(maps, { metadata: { name: 'one' } })
    const v1 = 'meta.k8s.io/v1'
    for (const path of [maps, `${maps}/one`]) {
      for (const shape of ['Table', 'PartialObjectMetadata']) {
        const [now, before] = await Promise.all(
          ['v1', 'v1beta1'].map((version) =>
            api.get(path, `application/json;as=${shape};v=${version};g=meta.k8s.io`),
          ),
        )
        const expected = now?.text.replaceAll(`"${v1}"`, `"${v1}beta1"`)
        assert.notEqual(expected, now?.text)
        assert.equal(before?.text, expected)
      }
    }
  })

  it('is that of the events of a watch', async () => {
    using api = await TestApi.start()
    const path = '/api/v1/namespaces/default/configmaps'
    const watches = await Promise.all(
      ['v1', 'v1beta1'].map((version) => api.watch(`${path}?watch=true`, table(version))),
    )
    for (const name of ['first', 'second']) await api.post(path, { metadata: { name } })
    for (const [index, watch] of watches.entries()) {
      for (const name of ['first', 'second']) {
        const event = await watch.next()
        assert.equal(event?.object.rows?.[0]?.cells?.[0], name)
        assert.equal(event?.object.apiVersion, ['meta.k8s.io/v1', 'meta.k8s.io/v1beta1'][index])
      }
      await watch.cancel()
    }
  })
})
