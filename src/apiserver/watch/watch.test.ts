import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import {
  listOf,
  TestApi,
  podBody,
  podsPath,
  textOf,
  type TestEvent,
} from '../../../test/apiserver/test-api.ts'
import { kindsOf } from '../kinds/all-kinds.ts'
import { genericColumns } from '../table/column.ts'
import { bookmarkBytes } from './event-bytes.ts'

const initialEnd = 'k8s.io/initial-events-end'
const metadataAccept = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io'
const tableAccept = 'application/json;as=Table;v=v1;g=meta.k8s.io'

async function versionOf(api: TestApi): Promise<string> {
  return textOf((await api.get(podsPath)).body.metadata?.resourceVersion)
}

describe('watch', () => {
  it('tells every change after a version, in order', async () => {
    using api = await TestApi.start()
    const version = await versionOf(api)
    await api.post(podsPath, podBody('a'))
    const watch = await api.watch(`${podsPath}?watch=true&resourceVersion=${version}`)
    await api.patch(`${podsPath}/a`, { metadata: { labels: { x: 'y' } } })
    await api.delete(`${podsPath}/a`)
    assert.deepEqual(await watch.take(3), ['ADDED a', 'MODIFIED a', 'DELETED a'])
    await watch.cancel()
  })

  it('shows whole objects, the deleted one at its last version', async () => {
    using api = await TestApi.start()
    const watch = await api.watch(`${podsPath}?watch=1`)
    await api.post(podsPath, podBody('a'))
    await api.delete(`${podsPath}/a`)
    const added = await watch.next()
    const deleted = await watch.next()
    assert.equal(added?.object.kind, 'Pod')
    assert.equal(added?.object.apiVersion, 'v1')
    const [first, last] = [added, deleted].map((event) =>
      Number(event?.object.metadata?.resourceVersion),
    )
    assert.ok((last ?? 0) > (first ?? 0))
    await watch.cancel()
  })

  it('begins with what is there when no version is given', async () => {
    using api = await TestApi.start()
    await api.post(podsPath, podBody('a'))
    await api.post(podsPath, podBody('b'))
    for (const query of ['', '&resourceVersion=0']) {
      const watch = await api.watch(`${podsPath}?watch=true${query}`)
      assert.deepEqual(await watch.take(2), ['ADDED a', 'ADDED b'])
      await watch.cancel()
    }
  })

  it('turns a change of labels into ADDED and DELETED for those who select by them', async () => {
    using api = await TestApi.start()
    const watch = await api.watch(`${podsPath}?watch=true&labelSelector=on%3Dyes`)
    await api.post(podsPath, podBody('a'))
    const set = (value: string) =>
      api.patch(`${podsPath}/a`, { metadata: { labels: { on: value } } })
    await set('yes')
    await api.patch(`${podsPath}/a/status`, { status: { phase: 'Running' } })
    await set('no')
    await api.delete(`${podsPath}/a`)
    assert.deepEqual(await watch.take(2), ['ADDED a', 'MODIFIED a'])
    const gone = await watch.next()
    assert.equal(gone?.type, 'DELETED')
    assert.equal(gone?.object.metadata?.labels?.on, 'yes')
    await watch.cancel()
  })

  it('keeps to its namespace', async () => {
    using api = await TestApi.start()
    const watch = await api.watch(`${podsPath}?watch=true`)
    await api.post('/api/v1/namespaces/kube-system/pods', podBody('other'))
    await api.post(podsPath, podBody('mine'))
    assert.deepEqual(await watch.take(1), ['ADDED mine'])
    await watch.cancel()
  })

  it('is asked for by a path of its own, too', async () => {
    using api = await TestApi.start()
    await api.post(podsPath, podBody('a'))
    await api.post(podsPath, podBody('b'))
    await api.post('/api/v1/nodes', { metadata: { name: 'n1' } })
    const first = async (path: string) => {
      const watch = await api.watch(path)
      const event = await watch.next()
      await watch.cancel()
      return event?.object['metadata']?.['name']
    }
    const core = '/api/v1/watch'
    assert.equal(await first(`${core}/pods`), 'a')
    assert.equal(await first(`${core}/namespaces/default/pods?watch=false`), 'a')
    assert.equal(await first(`${core}/namespaces/default/pods/b`), 'b')
    assert.equal(
      await first(`${core}/namespaces/default/pods/b?fieldSelector=metadata.name%3Db`),
      'b',
    )
    assert.equal(await first(`${core}/namespaces/kube-system`), 'kube-system')
    assert.equal(await first(`${core}/nodes/n1`), 'n1')
    assert.equal(
      await first('/apis/scheduling.k8s.io/v1/watch/priorityclasses/system-node-critical'),
      'system-node-critical',
    )
    const refused = await api.get(
      `${core}/namespaces/default/pods/b?fieldSelector=metadata.name%3Da`,
    )
    assert.equal(refused.code, 400)
    assert.equal(refused.body.message, "fieldSelector metadata.name doesn't match requested name")
    assert.equal((await api.post(`${core}/namespaces/default/pods`, podBody('c'))).code, 405)
    assert.equal((await api.delete(`${core}/namespaces/default/pods/a`)).code, 405)
    for (const path of [
      '',
      '/none',
      '/namespaces/default/pods/b/log',
      '/namespaces/default/none',
    ]) {
      assert.equal((await api.get(`${core}${path}`)).code, 404, path)
    }
    assert.equal((await api.get('/apis/metrics.k8s.io/v1beta1/watch/nodes')).code, 404)
  })

  it('ends with ERROR 410 when the history is gone', async () => {
    using first = await TestApi.start()
    await first.post(podsPath, podBody('a'))
    first.api.close()
    using api = await TestApi.start({ database: join(first.directory, 'api.db') })
    const watch = await api.watch(`${podsPath}?watch=true&resourceVersion=2`)
    const event = await watch.next()
    assert.equal(event?.type, 'ERROR')
    assert.equal(event?.object.code, 410)
    assert.equal(event?.object.reason, 'Expired')
    assert.match(textOf(event?.object.message), /^too old resource version: 2 \(\d+\)$/)
    assert.equal(await watch.next(), undefined)
  })

  it('goes on from the last version over a restart when nothing was missed', async () => {
    using first = await TestApi.start()
    await first.post(podsPath, podBody('a'))
    const version = await versionOf(first)
    first.api.close()
    using api = await TestApi.start({ database: join(first.directory, 'api.db') })
    const watch = await api.watch(`${podsPath}?watch=true&resourceVersion=${version}`)
    await api.post(podsPath, podBody('b'))
    assert.deepEqual(await watch.take(1), ['ADDED b'])
    await watch.cancel()
  })

  it('sends initial events and their end when asked to (WatchList)', async () => {
    using api = await TestApi.start()
    await api.post(podsPath, podBody('a'))
    const query = 'watch=true&sendInitialEvents=true&allowWatchBookmarks=true'
    const watch = await api.watch(`${podsPath}?${query}&resourceVersionMatch=NotOlderThan`)
    assert.deepEqual(await watch.take(1), ['ADDED a'])
    const end = await watch.next()
    assert.equal(end?.type, 'BOOKMARK')
    assert.equal(end?.object.kind, 'Pod')
    assert.equal(end?.object.metadata?.annotations?.['k8s.io/initial-events-end'], 'true')
    assert.equal(end?.object.metadata?.resourceVersion, await versionOf(api))
    await api.post(podsPath, podBody('b'))
    assert.deepEqual(await watch.take(1), ['ADDED b'])
    await watch.cancel()
    for (const bad of [
      'sendInitialEvents=true',
      'resourceVersionMatch=NotOlderThan',
      `${query}&resourceVersionMatch=NotOlderThan&continue=a`,
    ]) {
      assert.equal((await api.get(`${podsPath}?watch=true&${bad}`)).code, 422)
    }
  })

  it('sends no initial events where Kubernetes did not by default', async () => {
    const query = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan'
    for (const kubeVersion of ['1.31', '1.33'] as const) {
      using api = await TestApi.start({ kubeVersion })
      const { code, body } = await api.get(`${podsPath}?${query}`)
      assert.equal(code, 422, kubeVersion)
      assert.equal(
        body.message,
        'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled',
      )
    }
  })

  it('has no initial events of a version that is still to come', async () => {
    using api = await TestApi.start()
    const version = Number(await versionOf(api)) + 1
    const query = `sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=${version}`
    const watch = await api.watch(`${podsPath}?watch=true&${query}`)
    const event = await watch.next()
    assert.equal(event?.type, 'ERROR')
    assert.equal(event.object['code'], 504)
    assert.equal(
      event.object['message'],
      `Timeout: Too large resource version: ${version}, current: ${version - 1}`,
    )
    assert.equal(await watch.next(), undefined)
  })

  it('begins with nothing when asked not to', async () => {
    using api = await TestApi.start()
    await api.post(podsPath, podBody('a'))
    const query = 'watch=true&sendInitialEvents=false&resourceVersionMatch=NotOlderThan'
    for (const version of ['', '0']) {
      const watch = await api.watch(`${podsPath}?${query}&resourceVersion=${version}`)
      await api.post(podsPath, podBody(`after-${version}x`))
      assert.deepEqual(await watch.take(1), [`ADDED after-${version}x`])
      await watch.cancel()
    }
  })

  it('ends at timeoutSeconds, with a bookmark for those who want one', async () => {
    using api = await TestApi.start()
    const watch = await api.watch(
      `${podsPath}?watch=true&timeoutSeconds=1&allowWatchBookmarks=true`,
    )
    assert.equal((await watch.next())?.type, 'BOOKMARK')
    assert.equal(await watch.next(), undefined)
  })

  it('goes on for a client that wants it to last longer than a timer can', async () => {
    using api = await TestApi.start()
    const watch = await api.watch(`${podsPath}?watch=true&timeoutSeconds=99999999`)
    const first = watch.next()
    await api.post(podsPath, podBody('a'))
    assert.equal((await first)?.type, 'ADDED')
    await watch.cancel()
  })

  it('prints tables, with the columns in the first event only', async () => {
    using api = await TestApi.start()
    const watch = await api.watch(`${podsPath}?watch=true`, tableAccept)
    await api.post(podsPath, podBody('a'))
    await api.post(podsPath, podBody('b'))
    const first = await watch.next()
    const second = await watch.next()
    assert.equal(first?.object.kind, 'Table')
    assert.ok(first?.object.columnDefinitions)
    assert.equal(second?.object.columnDefinitions, null)
    assert.equal(second?.object.rows?.[0]?.cells?.[0], 'b')
    await watch.cancel()
  })

  it('prints bookmarks in the form of the events', async () => {
    using api = await TestApi.start()
    const list = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan'
    const query = `${podsPath}?${list}&allowWatchBookmarks=true`
    const bare = await api.watch(query, metadataAccept)
    const { type, object } = (await bare.next()) ?? {}
    assert.equal(type, 'BOOKMARK')
    assert.deepEqual(
      [object?.kind, object?.apiVersion],
      ['PartialObjectMetadata', 'meta.k8s.io/v1'],
    )
    assert.equal(object?.metadata?.annotations?.[initialEnd], 'true')
    await bare.cancel()

    const watch = await api.watch(query, tableAccept)
    await api.post(podsPath, podBody('a'))
    const [first, second] = [await watch.next(), await watch.next()]
    assert.deepEqual([first?.type, first?.object.kind], ['BOOKMARK', 'Table'])
    assert.ok(first?.object.columnDefinitions)
    const [row] = listOf(first?.object.rows)
    assert.equal(row?.object?.metadata?.annotations?.[initialEnd], 'true')
    assert.equal(row?.object?.metadata?.resourceVersion, first?.object.metadata?.resourceVersion)
    assert.deepEqual([second?.type, second?.object.columnDefinitions], ['ADDED', null])
    await watch.cancel()
  })

  it('prints the bookmark of every kind as a table', () => {
    for (const kind of kindsOf('1.36')) {
      const metaVersion = 'meta.k8s.io/v1'
      const format = {
        kind,
        shape: 'table',
        metaVersion,
        includeObject: 'None',
        now: () => 0,
      } as const
      const bytes = bookmarkBytes(7, format, { first: false, initialEnd: true })
      const { object } = JSON.parse(new TextDecoder().decode(bytes)) as TestEvent
      assert.equal(object.metadata?.resourceVersion, '7', kind.kind)
      const cells = listOf(listOf(object.rows)[0]?.cells)
      assert.equal(cells.length, (kind.columns ?? genericColumns).length, kind.kind)
    }
  })

  it('prints bare metadata', async () => {
    using api = await TestApi.start()
    const watch = await api.watch(`${podsPath}?watch=true`, metadataAccept)
    await api.post(podsPath, podBody('a'))
    const event = await watch.next()
    assert.equal(event?.object.kind, 'PartialObjectMetadata')
    assert.equal(event?.object.spec, undefined)
    await watch.cancel()
  })

  it('ends when the server closes', async () => {
    using api = await TestApi.start()
    const watches = await Promise.all(
      Array.from({ length: 30 }, () => api.watch(`${podsPath}?watch=true`)),
    )
    api.api.close()
    for (const watch of watches) assert.equal(await watch.next(), undefined)
  })
})
