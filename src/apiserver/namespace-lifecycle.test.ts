import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { TestApi, listOf, podBody, textOf } from '../../test/apiserver/test-api.ts'
import { waitUntil } from '../../test/support/wait-until.ts'
import { Database } from './store/database.ts'

const path = '/api/v1/namespaces'

async function gone(api: TestApi, name: string): Promise<void> {
  const watch = await api.watch(`${path}?watch=true&fieldSelector=metadata.name%3D${name}`)
  if ((await api.get(`${path}/${name}`)).code !== 404) {
    while ((await watch.next())?.type !== 'DELETED');
  }
  await watch.cancel()
}

describe('namespaces', () => {
  it('has those of every cluster from the start', async () => {
    using api = await TestApi.start()
    const { body } = await api.get(path)
    const names = listOf(body.items).map(({ metadata }) => metadata?.name)
    assert.deepEqual(names, ['default', 'kube-node-lease', 'kube-public', 'kube-system'])
    for (const name of ['default', 'kube-system', 'kube-public']) {
      const { code, body } = await api.delete(`${path}/${name}`)
      assert.equal(code, 403)
      assert.equal(
        body.message,
        `namespaces "${name}" is forbidden: this namespace may not be deleted`,
      )
    }
  })

  it('puts into each what pods expect there, again and again', async () => {
    using api = await TestApi.start({ authority: 'PEM' })
    await api.post(path, { metadata: { name: 'team' } })
    const accounts = await api.watch(`${path}/team/serviceaccounts?watch=true`)
    assert.deepEqual(await accounts.take(1), ['ADDED default'])
    await api.delete(`${path}/team/serviceaccounts/default`)
    assert.deepEqual(await accounts.take(2), ['DELETED default', 'ADDED default'])
    await accounts.cancel()
    const { body } = await api.get(`${path}/team/configmaps/kube-root-ca.crt`)
    assert.equal(body.data?.['ca.crt'], 'PEM')
  })

  it('puts the certificate right that it tells pods', async () => {
    using api = await TestApi.start({ authority: 'PEM' })
    const maps = `${path}/default/configmaps`
    const watch = await api.watch(`${maps}?watch=true`)
    assert.deepEqual(await watch.take(1), ['ADDED kube-root-ca.crt'])
    await api.patch(`${maps}/kube-root-ca.crt`, { data: { 'ca.crt': 'another', more: 'x' } })
    const modified = 'MODIFIED kube-root-ca.crt'
    assert.deepEqual(await watch.take(2), [modified, modified])
    await watch.cancel()
    assert.deepEqual((await api.get(`${maps}/kube-root-ca.crt`)).body.data, { 'ca.crt': 'PEM' })
  })

  it('goes on with a removal that the disk had no room for', async (context) => {
    using api = await TestApi.start()
    await api.post(path, { metadata: { name: 'team' } })
    await api.post(`${path}/team/configmaps`, { metadata: { name: 'a' } })
    const full = () => {
      throw new Error('database or disk is full')
    }
    const commit = context.mock.method(Database.prototype, 'commit')
    // The namespace is marked, and what is in it stays for now.
    commit.mock.mockImplementationOnce(full, commit.mock.callCount() + 1)
    await api.delete(`${path}/team`)
    await waitUntil(
      'the removal of what is in it to fail',
      () => commit.mock.calls.some(({ error }) => error !== undefined),
      (failed) => failed,
    )
    await gone(api, 'team')
  })

  it('removes a namespace with everything in it, and lets nothing new in', async () => {
    using api = await TestApi.start()
    await api.post(path, { metadata: { name: 'team' } })
    await api.post(`${path}/team/configmaps`, { metadata: { name: 'a' } })
    await api.post(`${path}/team/pods`, podBody('running'))
    await api.bind(`${path}/team/pods/running`)
    const deleted = await api.delete(`${path}/team`)
    assert.equal(deleted.code, 200)
    assert.equal(deleted.body.status?.phase, 'Terminating')
    const late = await api.post(`${path}/team/configmaps`, { metadata: { name: 'late' } })
    assert.equal(late.code, 403)
    assert.equal(
      late.body.message,
      'configmaps "late" is forbidden: unable to create new content in namespace team because it is being terminated',
    )
    assert.equal(late.body.details?.causes?.[0]?.reason, 'NamespaceTerminating')
    const pod = await api.watch(`${path}/team/pods?watch=true`)
    let event = await pod.next()
    while (event && event.object.metadata?.deletionTimestamp === undefined) event = await pod.next()
    assert.equal(event?.type, 'MODIFIED')
    await pod.cancel()
    await api.delete(`${path}/team/pods/running?gracePeriodSeconds=0`)
    await gone(api, 'team')
    assert.equal((await api.get(`${path}/team/configmaps/a`)).code, 404)
    assert.equal((await api.get(`${path}/team`)).code, 404)
  })

  it('tells in its conditions what keeps it, until that is gone', async () => {
    using api = await TestApi.start()
    await api.post(path, { metadata: { name: 'team' } })
    const foreign = { type: 'example.com/Billed', status: 'True' }
    const marked = await api.patch(`${path}/team/status`, { status: { conditions: [foreign] } })
    assert.equal(marked.code, 200, marked.text)
    const held = ['a', 'b'].map((name) => ({ metadata: { name, finalizers: ['example.com/x'] } }))
    for (const body of held) await api.post(`${path}/team/configmaps`, body)
    await api.post(`${path}/team/secrets`, { metadata: { name: 'free' } })
    await api.delete(`${path}/team`)
    const conditions = async () => listOf((await api.get(`${path}/team`)).body.status?.conditions)
    const told = (what: string, type: string, message: string) =>
      waitUntil(
        what,
        async () => (await conditions()).find((one) => textOf(one.type) === type),
        (found) => textOf(found?.status) === 'True' && textOf(found?.message) === message,
      )
    const content = 'NamespaceContentRemaining'
    const has = (count: number) =>
      `Some resources are remaining: configmaps. has ${count} resource instances`
    await told('both config maps', content, has(2))
    const kept =
      'Some content in the namespace has finalizers remaining: example.com/x in 2 resource instances'
    await told('their finalizer', 'NamespaceFinalizersRemaining', kept)
    const types = (await conditions()).map(({ type }) => textOf(type))
    assert.deepEqual([types[0], types.length], [foreign.type, 6])
    await api.patch(`${path}/team/configmaps/a`, { metadata: { finalizers: null } }, 'merge')
    await told('the one that is left', content, has(1))
    await api.patch(`${path}/team/configmaps/b`, { metadata: { finalizers: null } }, 'merge')
    await gone(api, 'team')
  })

  it('goes on with it after a restart', async () => {
    using first = await TestApi.start()
    await first.post(path, { metadata: { name: 'team' } })
    await first.post(`${path}/team/pods`, podBody('running'))
    await first.bind(`${path}/team/pods/running`)
    await first.delete(`${path}/team`)
    first.api.close()
    using api = await TestApi.start({ database: join(first.directory, 'api.db') })
    await api.delete(`${path}/team/pods/running?gracePeriodSeconds=0`)
    await gone(api, 'team')
  })
})
