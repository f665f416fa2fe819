import { pods } from '../src/kube/resource.ts'
import { kubectlProgram } from '../test/support/kubectl.ts'
import { startFixture } from './fixture.ts'
import { measureIdle } from './idle.ts'
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
  await using fixture = await startFixture()
  const { podfit, client } = fixture
  const oneResize = await measureOneResize(fixture, rounds)
  const bare = await measureBareStarts(fixture, count)
  using watch = new PodWatch(client)
  await watch.synced
  const applied = await measureApply(fixture, watch, names, kubectl)
  const idle = await measureIdle(podfit.pid, 20)
  const manyResizes = await measureManyResizes(fixture, watch, names)
  await Promise.all(names.map((name) => client.delete(pods, { namespace: 'default', name })))
  return { up, oneResize, manyStarts: { pods: count, bare, applied }, manyResizes, idle }
}
