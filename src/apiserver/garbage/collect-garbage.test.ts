import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TestApi, listOf, podBody, podsPath, textOf } from '../../../test/apiserver/test-api.ts'
import { waitUntil } from '../../../test/support/wait-until.ts'

const maps = '/api/v1/namespaces/default/configmaps'
const finalizers = { metadata: { finalizers: null } }

/** Waits until the object is there no more. */
async function untilGone(api: TestApi, path: string): Promise<void> {
  await waitUntil(`${path} to be gone`, async () => (await api.get(path)).code === 404)
}

async function makeMap(api: TestApi, name: string, ...ownerReferences: readonly object[]) {
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ownerReferences } }
  const made = await api.post(maps, body)
  assert.equal(made.code, 201, made.text)
  const uid = textOf(made.body.metadata?.uid)
  return { apiVersion: 'v1', kind: 'ConfigMap', name, uid }
}

function owned(name: string, ...ownerReferences: readonly object[]) {
  return { ...podBody(name), metadata: { name, ownerReferences } }
}

async function ownersIn(api: TestApi, path: string): Promise<readonly string[]> {
  const { metadata } = (await api.get(path)).body
  return listOf(metadata?.ownerReferences).map(({ name }) => textOf(name))
}

describe('owned objects', () => {
  it('go with the last of their owners', async () => {
    using api = await TestApi.start()
    const [a, b] = [await makeMap(api, 'a'), await makeMap(api, 'b')]
    await api.post(podsPath, owned('both', a, b))
    await api.post(podsPath, owned('one', a))
    await api.delete(`${maps}/a`)
    await untilGone(api, `${podsPath}/one`)
    await waitUntil('the owner to be taken out', async () => {
      return (await ownersIn(api, `${podsPath}/both`)).join() === 'b'
    })
    await api.delete(`${maps}/b`)
    await untilGone(api, `${podsPath}/both`)
  })

  it('go when their owner was never there, or another one has its name', async () => {
    using api = await TestApi.start()
    const owner = await makeMap(api, 'a')
    const foreign = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'x' }
    await api.post(podsPath, owned('foreign', foreign))
    await api.post(podsPath, owned('stale', { ...owner, uid: 'another' }))
    await untilGone(api, `${podsPath}/stale`)
    assert.equal((await api.get(`${podsPath}/foreign`)).code, 200)
  })

  it('are looked at again after a restart', async () => {
    using first = await TestApi.start()
    await first.post(podsPath, owned('one', await makeMap(first, 'a')))
    const gone = first.delete(`${maps}/a`)
    await gone
    first.api.close()
    using api = await TestApi.start({ database: `${first.directory}/api.db` })
    await untilGone(api, `${podsPath}/one`)
  })

  it('name one owner that controls them, and whole ones', async () => {
    using api = await TestApi.start()
    const owner = { ...(await makeMap(api, 'a')), controller: true }
    const two = await api.post(podsPath, owned('two', owner, { ...owner, name: 'b' }))
    assert.equal(two.code, 422)
    assert.match(textOf(two.body.message), /Only one reference can have Controller set to true/)
    const empty = await api.post(podsPath, owned('empty', { ...owner, uid: '' }))
    assert.match(textOf(empty.body.message), /ownerReferences.uid: Invalid value: "": must not be/)
  })
})

describe('deletion with orphans', () => {
  it('leaves what was owned, without the owner', async () => {
    using api = await TestApi.start()
    await api.post(podsPath, owned('one', await makeMap(api, 'a')))
    const { code, body } = await api.delete(`${maps}/a`, { propagationPolicy: 'Orphan' })
    assert.equal(code, 200)
    assert.deepEqual(body.metadata?.finalizers, ['orphan'])
    await untilGone(api, `${maps}/a`)
    assert.deepEqual(await ownersIn(api, `${podsPath}/one`), [])
  })

  it('is what a finalizer asks for where the client does not', async () => {
    using api = await TestApi.start()
    await api.post(podsPath, owned('one', await makeMap(api, 'a')))
    await api.patch(`${maps}/a`, { metadata: { finalizers: ['orphan'] } })
    await api.delete(`${maps}/a`)
    await untilGone(api, `${maps}/a`)
    assert.equal((await api.get(`${podsPath}/one`)).code, 200)
  })
})

describe('deletion in the foreground', () => {
  const foreground = { propagationPolicy: 'Foreground' }

  it('waits for the dependents that block it', async () => {
    using api = await TestApi.start()
    const owner = { ...(await makeMap(api, 'a')), blockOwnerDeletion: true }
    await makeMap(api, 'held', owner)
    await api.patch(`${maps}/held`, { metadata: { finalizers: ['example.com/hold'] } })
    const { code, body } = await api.delete(`${maps}/a`, foreground)
    assert.equal(code, 200)
    assert.deepEqual(body.metadata?.finalizers, ['foregroundDeletion'])
    await waitUntil('the dependent to be deleted', async () => {
      return (await api.get(`${maps}/held`)).body.metadata?.deletionTimestamp !== undefined
    })
    assert.equal((await api.get(`${maps}/a`)).code, 200)
    await api.patch(`${maps}/held`, finalizers, 'merge')
    await untilGone(api, `${maps}/a`)
    assert.equal((await api.get(`${maps}/held`)).code, 404)
  })

  it('goes down to the dependents of dependents', async () => {
    using api = await TestApi.start()
    const owner = { ...(await makeMap(api, 'a')), blockOwnerDeletion: true }
    const middle = { ...(await makeMap(api, 'b', owner)), blockOwnerDeletion: true }
    await makeMap(api, 'c', middle)
    await api.patch(`${maps}/c`, { metadata: { finalizers: ['example.com/hold'] } })
    await api.delete(`${maps}/a`, foreground)
    await waitUntil('the last one to be deleted', async () => {
      return (await api.get(`${maps}/c`)).body.metadata?.deletionTimestamp !== undefined
    })
    for (const name of ['a', 'b']) assert.equal((await api.get(`${maps}/${name}`)).code, 200)
    await api.patch(`${maps}/c`, finalizers, 'merge')
    await untilGone(api, `${maps}/a`)
    await untilGone(api, `${maps}/b`)
  })

  it('waits for no dependent that does not block it, or has another owner', async () => {
    using api = await TestApi.start()
    const owner = await makeMap(api, 'a')
    const other = await makeMap(api, 'other')
    await makeMap(api, 'free', owner)
    await api.patch(`${maps}/free`, { metadata: { finalizers: ['example.com/hold'] } })
    await makeMap(api, 'both', { ...owner, blockOwnerDeletion: true }, other)
    await api.delete(`${maps}/a`, foreground)
    await untilGone(api, `${maps}/a`)
    assert.deepEqual(await ownersIn(api, `${maps}/both`), ['other'])
    assert.equal((await api.get(`${maps}/free`)).code, 200)
    await api.patch(`${maps}/free`, finalizers, 'merge')
    await untilGone(api, `${maps}/free`)
  })

  it('ends when owners go round in a circle', async () => {
    using api = await TestApi.start()
    const a = { ...(await makeMap(api, 'a')), blockOwnerDeletion: true }
    const b = { ...(await makeMap(api, 'b', a)), blockOwnerDeletion: true }
    await api.patch(`${maps}/a`, { metadata: { ownerReferences: [b] } })
    await api.delete(`${maps}/a`, foreground)
    await untilGone(api, `${maps}/a`)
    await untilGone(api, `${maps}/b`)
  })

  it('goes on after a restart', async () => {
    using first = await TestApi.start()
    const owner = { ...(await makeMap(first, 'a')), blockOwnerDeletion: true }
    await makeMap(first, 'b', owner)
    await first.patch(`${maps}/b`, { metadata: { finalizers: ['example.com/hold'] } })
    await first.delete(`${maps}/a`, foreground)
    first.api.close()
    using api = await TestApi.start({ database: `${first.directory}/api.db` })
    await waitUntil('the dependent to be deleted', async () => {
      return (await api.get(`${maps}/b`)).body.metadata?.deletionTimestamp !== undefined
    })
    await api.patch(`${maps}/b`, finalizers, 'merge')
    await untilGone(api, `${maps}/a`)
  })

  it('refuses a policy that there is not, and two that contradict', async () => {
    using api = await TestApi.start()
    await makeMap(api, 'a')
    const unknown = await api.delete(`${maps}/a?propagationPolicy=Later`)
    assert.equal(unknown.code, 422)
    assert.equal(
      unknown.body.message,
      'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Later": supported values: "Foreground", "Background", "Orphan", "nil"',
    )
    const both = await api.delete(`${maps}/a`, { ...foreground, orphanDependents: true })
    assert.match(textOf(both.body.message), /cannot be both set/)
    assert.equal((await api.get(`${maps}/a`)).code, 200)
  })
})
