import type { Pod, ResourceRequirements } from '../../src/domain/pod.ts'
import { resizeState } from '../../src/domain/resize/reporting/state.ts'
import { kernelFiles } from './kernel.ts'
import { KernelWatch, type KernelChange } from './kernel-watch.ts'
import type { Machine } from './machine.ts'
import { getPod, patchResize, podWhen } from './pod.ts'

/** One resize as its client sees it. Times are milliseconds after the PATCH was sent. */
export interface SeenResize {
  readonly before: Pod
  readonly generation: number
  readonly answeredMs: number
  readonly changes: readonly (KernelChange & { readonly ms: number })[]
  readonly settledMs: number
  readonly after: Pod
}

/** Sends a PATCH as any client would, and watches API and kernel until it is done. */
export async function resizeByApi(
  { client }: Machine,
  name: string,
  sizes: Readonly<Record<string, ResourceRequirements>>,
): Promise<SeenResize> {
  const before = await getPod(client, name)
  using watch = new KernelWatch(kernelFiles(before))
  const sentAt = performance.now()
  const answered = await patchResize(client, name, sizes)
  const answeredMs = performance.now() - sentAt
  const generation = answered.metadata.generation ?? 0
  const after = await podWhen(
    client,
    name,
    'resized',
    (pod) => resizeState(pod, generation).kind === 'settled',
  )
  const settledMs = performance.now() - sentAt
  const changes = (await watch.changes()).map((change) => ({ ...change, ms: change.at - sentAt }))
  return { before, generation, answeredMs, changes, settledMs, after }
}

/** `    9 ms` */
export function milliseconds(ms: number): string {
  return `${Math.round(ms)} ms`.padStart(7)
}

/** Each change of a file with its time, in the order in which they were seen. */
export function changeRows(changes: SeenResize['changes']): string[][] {
  return changes.map(({ owner, file, before, value, ms }) => [
    milliseconds(ms),
    owner,
    file,
    `${before} → ${value}`,
  ])
}
