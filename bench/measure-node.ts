import { pods } from '../src/kube/object/resource.ts'
import { kubectlProgram } from '../test/support/kubectl.ts'
import { measureDeferred } from './deferred.ts'
import { startFixture } from './fixture.ts'
import { measureIdle } from './idle.ts'
import { measureKernelFirst } from './kernel-first.ts'
import { measureManyResizes } from './many-resizes.ts'
import { measureApply, measureBareStarts } from './many-starts.ts'
import type { NodeReport } from './node-report.ts'
import { measureOneResize } from './one-resize.ts'
import { measureUp } from './up.ts'
import { PodWatch } from './pod-watch.ts'

/** Pods on a real node, beside the bare container runtime. */
export async function measureNode(count: number, rounds: number): Promise<NodeReport> {
  const names = Array.from({ length: count }, (_, index) => `pod-${index}`)
  const kubectl = kubectlProgram()
  const up = await measureUp()
  const kernelFirst = await measureKernelFirst(names, rounds, kubectl)
  await using fixture = await startFixture()
  const { podfit, client } = fixture
  const oneResize = await measureOneResize(fixture, rounds)
  const deferred = await measureDeferred(fixture, Math.ceil(rounds / 3))
  const bare = await measureBareStarts(fixture, count)
  using watch = new PodWatch(client)
  await watch.synced
  const applied = await measureApply(fixture, watch, names, kubectl)
  const idle = await measureIdle(podfit.pid, 20)
  const manyResizes = await measureManyResizes(fixture, watch, names)
  const crowded = await measureOneResize(fixture, rounds)
  await Promise.all(names.map((name) => client.delete(pods, { namespace: 'default', name })))
  const manyStarts = { pods: count, bare, applied }
  return { up, oneResize, deferred, crowded, kernelFirst, manyStarts, manyResizes, idle }
}
