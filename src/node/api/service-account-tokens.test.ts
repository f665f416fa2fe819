import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../domain/pod.ts'
import type { Api } from './api.ts'
import { ServiceAccountTokens } from './service-account-tokens.ts'

const hour = 3_600_000

const pod: Pod = {
  metadata: { name: 'p', namespace: 'n', uid: 'u' },
  spec: {
    serviceAccountName: 'bot',
    containers: [{ name: 'c' }],
    volumes: [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }],
  },
}
const wish = { audience: '', expirationSeconds: 3600 }

/** Tokens of an API that numbers them, with a clock to be set and a way to break it. */
function issuing() {
  const state = { at: 0, given: 0, broken: false, errors: 0, paths: new Set<string>() }
  const create = async (path: string): Promise<unknown> => {
    if (state.broken) throw new Error('away')
    state.paths.add(path)
    state.given += 1
    const expirationTimestamp = new Date(state.at + hour).toISOString()
    return { status: { token: `token ${state.given}`, expirationTimestamp } }
  }
  const tokens = new ServiceAccountTokens(
    { create } as Partial<Api> as Api,
    () => new Date(state.at),
    () => (state.errors += 1),
  )
  return { state, tokens }
}

test('a token is replaced after four fifths of its time, and kept until then', async () => {
  const { state, tokens } = issuing()
  await tokens.ensure(pod)
  assert.deepEqual([...state.paths], ['/api/v1/namespaces/n/serviceaccounts/bot/token'])
  assert.equal(tokens.dueAt('u'), 0.8 * hour)
  state.at = 0.79 * hour
  await tokens.ensure(pod)
  assert.equal(tokens.get('u', wish), 'token 1')
  state.at = 0.8 * hour
  await tokens.ensure(pod)
  assert.equal(tokens.get('u', wish), 'token 2')
  assert.equal(tokens.dueAt('u'), 1.6 * hour)
})

test('one that cannot be renewed is kept, and asked for again', async () => {
  const { state, tokens } = issuing()
  await tokens.ensure(pod)
  Object.assign(state, { at: 0.9 * hour, broken: true })
  await tokens.ensure(pod)
  assert.equal(tokens.get('u', wish), 'token 1')
  assert.equal(state.errors, 1)
  state.broken = false
  await tokens.ensure(pod)
  assert.equal(tokens.get('u', wish), 'token 2')
})

test('a pod that is gone has none', async () => {
  const { tokens } = issuing()
  await tokens.ensure(pod)
  tokens.forget('u')
  assert.equal(tokens.get('u', wish), undefined)
  assert.equal(tokens.dueAt('u'), undefined)
})
