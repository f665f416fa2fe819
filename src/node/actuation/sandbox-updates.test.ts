import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeVersion } from '../../domain/kube-version.ts'
import { bytes, cpuShares, micros } from '../../domain/units.ts'
import { SandboxUpdates, type SandboxChange } from './sandbox-updates.ts'

const reading = {
  cpu: { kind: 'shares', shares: cpuShares(512) },
  cpuQuota: 'max',
  cpuPeriod: micros(100_000),
  memoryLimit: 'max',
} as const
const change = (): SandboxChange => ({
  knobs: { cpuShares: cpuShares(1024) },
  reading,
  overhead: undefined,
})

/** What the runtime was told, and what was done, in order. */
function pod(answer: (sandbox: string) => void, version: KubeVersion = '1.36') {
  const log: string[] = []
  const updates = new SandboxUpdates(
    {
      updatePodSandboxResources: async (sandbox, { cpuShares: shares }) => {
        log.push(`${sandbox || 'none'} ${shares}`)
        answer(sandbox)
      },
    },
    version,
  )
  return { log, updates, write: () => log.push('write') }
}

function failing(code: string, message: string): () => never {
  return () => {
    throw Object.assign(new Error(message), { code })
  }
}

describe('a runtime that listens', () => {
  it('is told first', async () => {
    const { log, updates, write } = pod(() => {})
    await updates.around('box', change, write)
    assert.deepEqual(log, ['box 1024', 'write'])
  })

  it('may refuse, and nothing is written then', async () => {
    const { log, updates, write } = pod(failing('unknown', 'a plugin says no'))
    await assert.rejects(updates.around('box', change, write), {
      message:
        'failed to notify runtime for UpdatePodSandboxResources (resource=cpu); resize rejected: a plugin says no',
    })
    assert.deepEqual(log, ['box 1024'])
  })

  it('is told the old values where the write fails, or is not done', async () => {
    const { log, updates } = pod(() => {})
    await assert.rejects(updates.around('box', change, failing('busy', 'no')), /^Error: no$/)
    await updates.around(
      'box',
      change,
      () => 'stuck',
      (result) => result !== 'stuck',
    )
    assert.deepEqual(log, ['box 1024', 'box 512', 'box 1024', 'box 512'])
  })

  it('has no say before Kubernetes 1.36', async () => {
    const { log, updates, write } = pod(failing('unknown', 'no'), '1.35')
    await updates.around('box', change, write)
    assert.deepEqual(log, ['write', 'box 1024'])
  })

  it('hears nothing of a pod without a sandbox', async () => {
    const { log, updates, write } = pod(() => {})
    await updates.around(undefined, change, write)
    assert.deepEqual(log, ['write'])
  })
})

describe('a runtime without such a call', () => {
  const answers = [failing('unimplemented', 'x'), failing('unknown', 'method X not implemented')]
  for (const answer of answers) {
    it('is asked once for each connection', async () => {
      const { log, updates, write } = pod(answer)
      await updates.probe()
      await updates.around('box', change, write)
      assert.deepEqual(log, ['none undefined', 'write'])
      await updates.probe()
      assert.equal(log.length, 3)
    })
  }

  it('is found out by a resize, too, where the question had no answer', async () => {
    let away = true
    const { log, updates, write } = pod(() =>
      away ? failing('unavailable', 'gone')() : failing('unimplemented', 'x')(),
    )
    await updates.probe()
    away = false
    await updates.around('box', change, write)
    await updates.around('box', () => assert.fail('nobody wants to know'), write)
    assert.deepEqual(log, ['none undefined', 'box 1024', 'write', 'write'])
  })
})

it('names memory where that is what changes', async () => {
  const { updates } = pod(failing('unknown', 'no'))
  const memory = (): SandboxChange => ({ ...change(), knobs: { memoryLimit: bytes(1) } })
  await assert.rejects(
    updates.around('box', memory, () => {}),
    /\(resource=memory\)/,
  )
})
