import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { findProgram } from '../../src/containerd/find-program.ts'
import type { Pod, PodCondition } from '../../src/domain/pod.ts'
import { events, pods } from '../../src/kube/resource.ts'
import { slow, waitUntil } from '../support/wait-until.ts'
import { FaultyPodfit } from './faulty-podfit.ts'
import { containerIds, getPod, restartsOf, untilRight } from './find-faults.ts'
import { large, resizePatch, resourcesFor, small, testPod, type TestSize } from './sized-pod.ts'

const complaint = 'the test has broken runc'

/**
 * A real runc that fails its next updates: a script of that name earlier in PATH,
 * which containerd is configured with.
 */
class FailingRunc implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'failing-runc-'))
  readonly #left = join(this.directory, 'left')
  readonly #tries = join(this.directory, 'tries')

  constructor() {
    this.failNext(0)
    const script = `#!/bin/sh
update=no
for arg; do [ "$arg" != update ] || update=yes; done
if [ $update = yes ]; then
  date +%s%3N >>'${this.#tries}'
  left=$(cat '${this.#left}')
  if [ "$left" -gt 0 ]; then
    echo $((left - 1)) >'${this.#left}'
    echo '${complaint}' >&2
    exit 1
  fi
fi
exec ${findProgram('runc')} "$@"
`
    writeFileSync(join(this.directory, 'runc'), script)
    chmodSync(join(this.directory, 'runc'), 0o755)
  }

  failNext(times: number): void {
    writeFileSync(this.#left, `${times}\n`)
    writeFileSync(this.#tries, '')
  }

  /** When it was asked for an update since the last failNext, in milliseconds. */
  get tries(): readonly number[] {
    return readFileSync(this.#tries, 'utf8').trim().split('\n').filter(Boolean).map(Number)
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

describe('a resize that the runtime refuses', () => {
  let runc: FailingRunc
  let faulty: FaultyPodfit
  let old: Pod
  before(async () => {
    runc = new FailingRunc()
    const PATH = `${runc.directory}:${process.env['PATH']}`
    faulty = await FaultyPodfit.start({ env: { PATH } })
    await faulty.client.create(pods, testPod('only', [{ name: 'a', size: small }]))
  })
  beforeEach(async () => {
    old = await untilRight(faulty, 'only')
  })
  after(async () => {
    await faulty[Symbol.asyncDispose]()
    runc[Symbol.dispose]()
  })

  it('is told with its words, shows the old size, is tried again and succeeds', async () => {
    runc.failNext(3)
    const asked = await resize(large)
    const failed = await untilFailed()
    assert.match(progressOf(failed)?.message ?? '', new RegExp(complaint))
    assert.equal(progressOf(failed)?.observedGeneration, asked.metadata.generation)
    assert.deepEqual(failed.spec.containers[0]?.resources, resourcesFor(large))
    const [shown] = failed.status?.containerStatuses ?? []
    assert.deepEqual(shown?.resources, resourcesFor(small))
    assert.deepEqual(shown?.allocatedResources, resourcesFor(large).requests)
    await untilTold('ResizeError', complaint)
    await assertLarge()
    await untilTold('ResizeCompleted', '"generation":2')
    assertBackedOff(runc.tries)
  })

  it('may be taken back while it fails', async () => {
    runc.failNext(1000)
    await resize(small)
    await untilFailed()
    await resize(large)
    assert.equal(progressOf(await untilFailed())?.reason, 'Error')
    runc.failNext(0)
    await assertLarge()
  })

  it('is still told after kill -9, and goes on', async () => {
    runc.failNext(1000)
    await resize(small)
    await untilFailed()
    await faulty.podfit.kill9()
    await faulty.start()
    assert.match(progressOf(await getPod(faulty, 'only'))?.message ?? '', new RegExp(complaint))
    runc.failNext(1)
    await untilRight(faulty, 'only')
  })

  async function assertLarge(): Promise<void> {
    const done = await untilRight(faulty, 'only')
    assert.deepEqual(done.spec.containers[0]?.resources, resourcesFor(large))
    assert.deepEqual(containerIds(done), containerIds(old))
    assert.equal(restartsOf(done, 'a'), 0)
  }

  function resize(size: TestSize): Promise<Pod> {
    const address = { namespace: 'default', name: 'only', subresource: 'resize' }
    return faulty.client.patch(pods, address, {
      type: 'strategic',
      body: resizePatch({ a: size }),
    })
  }

  function untilFailed(): Promise<Pod> {
    return waitUntil(
      'the resize to fail',
      () => getPod(faulty, 'only'),
      (pod) =>
        progressOf(pod)?.reason === 'Error' &&
        pod.status?.observedGeneration === pod.metadata.generation,
    )
  }

  async function untilTold(reason: string, text: string): Promise<void> {
    await waitUntil(
      `an event ${reason}`,
      async () => (await faulty.client.list(events)).items as readonly object[] as PodEvent[],
      (all) => all.some((one) => one.reason === reason && one.message.includes(text)),
    )
  }
})

interface PodEvent {
  readonly reason: string
  readonly message: string
}

function progressOf({ status }: Pod): PodCondition | undefined {
  return status?.conditions?.find(({ type }) => type === 'PodResizeInProgress')
}

/** Each wait is longer than the one before; a second is the first. */
function assertBackedOff(tries: readonly number[]): void {
  const waits = tries.slice(1).map((at, index) => at - (tries[index] ?? 0))
  assert.equal(waits.length, 3, `tried at ${tries.join(', ')}`)
  for (const [index, wait] of waits.entries()) {
    assert.ok(wait >= 900 * 2 ** index && wait < slow(4000 * 2 ** index), `waits ${waits.join()}`)
  }
}
