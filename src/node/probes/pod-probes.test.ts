import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, test } from 'node:test'
import type { ObservedPod } from '../../domain/lifecycle/observed.ts'
import type { Container, Pod } from '../../domain/pod.ts'
import type { PodEvent } from '../api/api.ts'
import { PodProbes } from './pod-probes.ts'

const execProbe = { exec: { command: ['true'] }, periodSeconds: 0.02 }

function podOf(containers: readonly Container[]): Pod {
  return { metadata: { name: 'p', uid: 'u' }, spec: { containers } }
}

function observedOf(containers: readonly Container[], state = 'running'): ObservedPod {
  return {
    sandboxes: [],
    containers: containers.map(({ name }) => ({
      id: `${name}-id`,
      name,
      attempt: 0,
      state: state as 'running',
      createdAt: 0,
      startedAt: 0,
      image: '',
      imageId: '',
    })),
  }
}

interface Stage {
  readonly probes: PodProbes
  readonly events: PodEvent[]
  readonly woken: string[]
  observed: ObservedPod
}

/** Probes over a runtime whose commands do what `run` does. */
function stage(
  containers: readonly Container[],
  run: (id: string) => Promise<number>,
  execsAtOnce = 8,
): Stage {
  const events: PodEvent[] = []
  const woken: string[] = []
  const result: Stage = {
    events,
    woken,
    observed: observedOf(containers),
    probes: new PodProbes({
      runtime: {
        execSync: async (id) => ({
          exitCode: await run(id),
          stdout: Buffer.from('out'),
          stderr: Buffer.alloc(0),
        }),
      },
      observed: { get: () => result.observed },
      events: { record: (event) => events.push(event), recordOfNode: () => {} },
      wake: (uid) => woken.push(uid),
      now: () => new Date(),
      execsAtOnce,
    }),
  }
  return result
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !holds(); tries += 1) await sleep(5)
  assert.ok(holds())
}

describe('PodProbes', () => {
  test('no more commands at once than allowed, and who waits too long is told of', async () => {
    const containers = Array.from({ length: 6 }, (_, index) => ({
      name: `c${index}`,
      readinessProbe: execProbe,
    }))
    let running = 0
    let most = 0
    const { probes, events } = stage(
      containers,
      async () => {
        running += 1
        most = Math.max(most, running)
        await sleep(30)
        running -= 1
        return 0
      },
      2,
    )
    probes.follow(podOf(containers), undefined)
    const ready = (): boolean =>
      containers.every(({ name }) => probes.results(`${name}-id`).readiness === 'success')
    await until(ready)
    probes[Symbol.dispose]()
    assert.equal(most, 2)
    assert.ok(events.some(({ reason }) => reason === 'ProbeOverrun'))
  })

  test('the startup probe comes first and is over when it has succeeded', async () => {
    const container = { name: 'c', startupProbe: execProbe, readinessProbe: execProbe }
    let calls = 0
    const { probes, woken } = stage([container], async () => ((calls += 1) < 3 ? 1 : 0))
    probes.follow(podOf([container]), undefined)
    assert.deepEqual(probes.results('c-id'), {})
    await until(() => probes.results('c-id').startup === 'success')
    assert.equal(calls, 3)
    assert.deepEqual(woken, ['u'])
    probes.follow(podOf([container]), undefined)
    await until(() => probes.results('c-id').readiness === 'success')
    probes[Symbol.dispose]()
  })

  test('what a container that has ended would have answered does not count', async () => {
    const container = { name: 'c', livenessProbe: { ...execProbe, failureThreshold: 1 } }
    const asked = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<number>()
    const one = stage([container], () => {
      asked.resolve()
      return answer.promise
    })
    one.probes.follow(podOf([container]), undefined)
    await asked.promise
    one.observed = observedOf([container], 'exited')
    answer.resolve(1)
    await sleep(20)
    assert.deepEqual(one.events, [])
    assert.equal(one.probes.results('c-id').liveness, undefined)
    one.probes.follow(podOf([container]), undefined)
    assert.deepEqual(one.probes.results('c-id'), {})
  })

  test('a failing liveness probe asks no more once it has said so', async () => {
    const container = { name: 'c', livenessProbe: { ...execProbe, failureThreshold: 2 } }
    let calls = 0
    const { probes, events } = stage([container], async () => {
      calls += 1
      return 1
    })
    probes.follow(podOf([container]), undefined)
    await until(() => probes.results('c-id').liveness === 'failure')
    await sleep(60)
    assert.equal(calls, 2)
    assert.equal(events.filter(({ message }) => message === 'Liveness probe failed: out').length, 2)
    probes[Symbol.dispose]()
  })

  test('a container that was ready before podfit began stays so until a probe says otherwise', () => {
    const container = { name: 'c', readinessProbe: { ...execProbe, initialDelaySeconds: 1e9 } }
    const { probes } = stage([container], async () => 0)
    const status = {
      name: 'c',
      ready: true,
      started: true,
      restartCount: 0,
      image: '',
      imageID: '',
      containerID: 'containerd://c-id',
    }
    const pod = { ...podOf([container]), status: { containerStatuses: [status] } }
    probes.follow(pod, undefined)
    assert.equal(probes.results('c-id').readiness, 'success')
    probes[Symbol.dispose]()
  })
})
