import { allContainers, type PodSpec } from '../../pod.ts'
import { effectiveSize } from '../../resources/pod-resources.ts'
import { sameSize } from '../../resources/size.ts'
import type { RunningContainer } from './container-updates.ts'

/** Running containers of a resize that failed, by whether they have what it gives them. */
export interface PartlyDone {
  readonly resized: readonly string[]
  readonly notYet: readonly string[]
}

/**
 * Who has the new size and who has not, of the running containers that the resize changes.
 *
 * @param before the spec with the sizes that all of them had last.
 */
export function partlyDone(
  before: PodSpec,
  allocated: PodSpec,
  running: readonly RunningContainer[],
): PartlyDone {
  const resized: string[] = []
  const notYet: string[] = []
  for (const container of allContainers(allocated)) {
    const live = running.find(({ name }) => name === container.name)
    const old = allContainers(before).find(({ name }) => name === container.name)
    if (live === undefined || old === undefined) continue
    const to = effectiveSize(allocated, container)
    const has = live.updating === undefined && sameSize(live.actuated ?? {}, to)
    if (!has) notYet.push(container.name)
    else if (!sameSize(effectiveSize(before, old), to)) resized.push(container.name)
  }
  return { resized, notYet }
}

/** The cause, and behind it who has the new size where some have it and others not. */
export function partlyDoneMessage(cause: string, { resized, notYet }: PartlyDone): string {
  if (resized.length === 0 || notYet.length === 0) return cause
  return `${cause}; resized already: ${listed(resized)}, not yet: ${listed(notYet)}`
}

/** The cause, and behind it whose new size was taken back for it, if any container had it. */
export function takenBackMessage(cause: string, { resized }: PartlyDone): string {
  if (resized.length === 0) return cause
  return `${cause}; the old size was given back to ${listed(resized)}, and the resize is tried again as a whole`
}

function listed(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(', ')
}
