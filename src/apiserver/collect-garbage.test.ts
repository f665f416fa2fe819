import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { TestApi, listOf, podBody, podsPath, textOf } from '../../test/apiserver/test-api.ts'

const maps = '/api/v1/namespaces/default/configmaps'

async function makeOwner(api: TestApi, name: string) {
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } }
  const made = await api.post(maps, body)
  const uid = textOf(made.body.metadata?.uid)
  return { apiVersion: 'v1', kind: 'ConfigMap', name, uid }
}

function owned(name: string, ...ownerReferences: readonly object[]) {
  return { ...podBody(name), metadata: { name, ownerReferences } }
}

describe('owned objects', () => {
  it('go with the last of their owners', async () => {
    using api = await TestApi.start()
    const [a, b] = [await makeOwner(api, 'a'), await makeOwner(api, 'b')]
    await api.post(podsPath, owned('both', a, b))
    await api.post(podsPath, owned('one', a))
    await api.delete(`${maps}/a`)
    await sleep(100)
    assert.equal((await api.get(`${podsPath}/one`)).code, 404)
    const { metadata } = (await api.get(`${podsPath}/both`)).body
    assert.deepEqual(
      listOf(metadata?.ownerReferences).map(({ name }) => name),
      ['b'],
    )
    await api.delete(`${maps}/b`)
    await sleep(100)
    assert.equal((await api.get(`${podsPath}/both`)).code, 404)
  })

  it('go when their owner was never there, or another one has its name', async () => {
    using api = await TestApi.start()
    const owner = await makeOwner(api, 'a')
    await api.post(podsPath, owned('stale', { ...owner, uid: 'another' }))
    const foreign = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'x' }
    await api.post(podsPath, owned('foreign', foreign))
    await sleep(100)
    assert.equal((await api.get(`${podsPath}/stale`)).code, 404)
    assert.equal((await api.get(`${podsPath}/foreign`)).code, 200)
  })

  it('stay when they are to be orphans', async () => {
    using api = await TestApi.start()
    await api.post(podsPath, owned('one', await makeOwner(api, 'a')))
    await api.delete(`${maps}/a`, { propagationPolicy: 'Orphan' })
    await sleep(100)
    const { code, body } = await api.get(`${podsPath}/one`)
    assert.equal(code, 200)
    assert.equal(body.metadata?.ownerReferences, undefined)
  })

  it('are looked at again after a restart', async () => {
    using first = await TestApi.start()
    await first.post(podsPath, owned('one', await makeOwner(first, 'a')))
    const gone = first.delete(`${maps}/a`)
    await gone
    first.api.close()
    using api = await TestApi.start({ database: `${first.directory}/api.db` })
    await sleep(100)
    assert.equal((await api.get(`${podsPath}/one`)).code, 404)
  })
})
