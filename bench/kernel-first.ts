import { startFixture } from './fixture.ts'
import { measureApply } from './many-starts.ts'
import { measureManyResizes, type ManyResizes } from './many-resizes.ts'
import { measureOneResize, type OneResize } from './one-resize.ts'
import { PodWatch } from './pod-watch.ts'

/** The same measurements where the kernel has a size before the runtime is told. */
export interface KernelFirst {
  readonly oneResize: OneResize
  readonly manyResizes: ManyResizes
}

export async function measureKernelFirst(
  names: readonly string[],
  rounds: number,
  kubectl: string,
): Promise<KernelFirst> {
  await using fixture = await startFixture(['--actuate=kernel-first'])
  const oneResize = await measureOneResize(fixture, rounds)
  using watch = new PodWatch(fixture.client)
  await watch.synced
  await measureApply(fixture, watch, names, kubectl)
  return { oneResize, manyResizes: await measureManyResizes(fixture, watch, names) }
}
