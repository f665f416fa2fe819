import type { ResourceList } from '../../pod.ts'

/** Whether a key of `before` is missing in `after`. */
export function isRemoved(
  before: ResourceList | undefined,
  after: ResourceList | undefined,
): boolean {
  return Object.keys(before ?? {}).some((name) => after?.[name] === undefined)
}

/** The resources that a resize may not touch. */
export function withoutCpuAndMemory(list: ResourceList | undefined): ResourceList {
  const { cpu: _cpu, memory: _memory, ...rest } = list ?? {}
  return rest
}
