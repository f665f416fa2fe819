import { allContainers, type Container, type PodSpec } from '../../pod.ts'
import { effectiveSize } from '../../resources/pod-resources.ts'
import { sameSize, type Size } from '../../resources/size.ts'
import type { MemoryInUse } from './memory-in-use.ts'
import { restartsFor, type ResizableResource } from '../resize-policy.ts'

/** A container that runs, and what is known about it. */
export interface RunningContainer {
  readonly name: string
  readonly containerId: string
  /**
   * What the runtime was last told, by the node's own record. Without a record everything
   * counts as changed.
   */
  readonly actuated: Size | undefined
  /**
   * The size of an update that was begun and not seen to end: the container may have any
   * part of it, so it is updated even if the record says that it has the right size.
   */
  readonly updating?: Size
  /**
   * Its stop for a restart was begun and not seen to end: it may have been told to stop, and so
   * it is stopped even if nothing wants the restart any more. @default false
   */
  readonly restarting?: boolean
  /** Looked at where a memory limit changes. */
  readonly memory?: MemoryInUse
}

/** A running container that does not stay as it is: its actuated size is not the allocated one. */
export interface ContainerUpdate {
  readonly container: RunningContainer
  readonly from: Size
  readonly to: Size
  readonly restarts: boolean
}

/**
 * The running containers that have to change, in the order of the spec, init containers
 * first. A change that the resize policy wants a restart for restarts the container, also
 * if only the request changes; the rest of its change then goes with the restart.
 *
 * @see kubelet's kuberuntime_manager.go, computePodResizeAction.
 */
export function containerUpdates(
  allocated: PodSpec,
  running: readonly RunningContainer[],
): readonly ContainerUpdate[] {
  return allContainers(allocated).flatMap((container) => {
    const live = running.find(({ name }) => name === container.name)
    if (!live) return []
    const to = effectiveSize(allocated, container)
    const from = lastKnown(live, to)
    const { updating, restarting = false } = live
    if (updating === undefined && !restarting && sameSize(from, to)) return []
    const restarts = restarting || needsRestart(container, from, to)
    return [{ container: live, from, to, restarts }]
  })
}

/**
 * What the container may have. Where the record is as wanted, what the unfinished update
 * was for counts; of two memory limits the larger one, under which more may be in use.
 */
function lastKnown({ actuated = {}, updating }: RunningContainer, to: Size): Size {
  if (updating === undefined) return actuated
  const from = { ...actuated }
  for (const field of ['cpuRequest', 'cpuLimit', 'memoryRequest'] as const) {
    if (actuated[field] === to[field]) Object.assign(from, { [field]: updating[field] })
  }
  const { memoryLimit } = updating
  const isLarger = memoryLimit !== undefined && memoryLimit > (actuated.memoryLimit ?? Infinity)
  return isLarger ? { ...from, memoryLimit } : from
}

function needsRestart(container: Container, from: Size, to: Size): boolean {
  return (['cpu', 'memory'] as const).some(
    (resource) => changes(resource, from, to) && restartsFor(container, resource),
  )
}

function changes(resource: ResizableResource, from: Size, to: Size): boolean {
  return resource === 'cpu'
    ? changed(from.cpuLimit, to.cpuLimit) || changed(from.cpuRequest, to.cpuRequest)
    : changed(from.memoryLimit, to.memoryLimit) || changed(from.memoryRequest, to.memoryRequest)
}

function changed(from: number | undefined, to: number | undefined): boolean {
  return (from ?? 0) !== (to ?? 0)
}

/**
 * The updates with those first that give something back: decreases, the later container
 * first, then increases in the order of the spec. Memory decides before CPU, the limit
 * before the request.
 */
export function decreasesFirst(updates: readonly ContainerUpdate[]): readonly ContainerUpdate[] {
  return [
    ...updates.filter(isDecrease).toReversed(),
    ...updates.filter((update) => !isDecrease(update)),
  ]
}

function isDecrease({ from, to }: ContainerUpdate): boolean {
  const directions = [
    asLimit(to.memoryLimit) - asLimit(from.memoryLimit),
    (to.memoryRequest ?? 0) - (from.memoryRequest ?? 0),
    asLimit(to.cpuLimit) - asLimit(from.cpuLimit),
    (to.cpuRequest ?? 0) - (from.cpuRequest ?? 0),
  ]
  return (directions.find((direction) => direction !== 0) ?? 0) < 0
}

// No limit is the largest one there is; a finite stand-in keeps the difference a number.
function asLimit(limit: number | undefined): number {
  return limit || Number.MAX_SAFE_INTEGER
}
