import type { CgroupKnobs } from '../../domain/cgroup/knobs.ts'
import { errorCode } from '../../domain/error-code.ts'
import type { Pod } from '../../domain/pod.ts'
import { comfortableUsage } from '../../domain/resize/actuation/memory-shrink.ts'
import type { NodeContext } from '../node-context.ts'

/** A container's files: what they are to say, and what the runtime has said last. */
export interface ContainerWrite {
  readonly container: string
  readonly containerId: string
  readonly knobs: CgroupKnobs
  readonly before: CgroupKnobs
}

/**
 * Has the kernel take what the runtime will be told next. What the kernel does not take is
 * left to the runtime, which says in its own words why.
 */
export function writeContainer({ cgroups }: NodeContext, pod: Pod, write: ContainerWrite): void {
  const { containerId, knobs, before } = write
  unlessRefused(() => cgroups.containers.write(pod, containerId, knobs, [before, knobs]))
}

/**
 * Puts the files back to what the runtime was told last, since it did not take more: after
 * an error it may have written a part. A memory limit that is not safely above what is in
 * use by now stays as it is.
 */
export function restoreContainer({ cgroups }: NodeContext, pod: Pod, write: ContainerWrite): void {
  const { container, containerId, knobs, before } = write
  const { memoryLimit, ...cpu } = before
  const known = [before, knobs]
  unlessRefused(() => cgroups.containers.write(pod, containerId, cpu, known))
  if (memoryLimit === undefined) return
  unlessRefused(() => {
    const memory = cgroups.memory.of(pod, { kind: 'container', container, containerId })
    const fits = memoryLimit === 'max' || memory.sample().usage <= comfortableUsage(memoryLimit)
    if (fits) cgroups.containers.write(pod, containerId, { memoryLimit }, known)
  })
}

function unlessRefused(act: () => void): void {
  try {
    act()
  } catch (error) {
    const code = errorCode(error)
    if (code !== 'notFound' && code !== 'busy' && code !== 'invalid') throw error
  }
}
