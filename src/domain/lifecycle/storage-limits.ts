import { allContainers, type Container, type PodSpec, type Volume } from '../pod.ts'
import { podLimits } from '../resources/pod-resources.ts'
import { formatQuantity, parseQuantity, type Quantity, wholeValue } from '../quantity/quantity.ts'

/** Bytes of the node's disk. */
export interface StorageUse {
  /** By name, of emptyDir volumes on disk. */
  readonly volumes: ReadonlyMap<string, number>
  /** By name: what a container wrote to its own root file system, and its logs. */
  readonly containers: ReadonlyMap<string, number>
}

const resource = 'ephemeral-storage'

/** Volumes whose use counts: those in memory are limited by the kernel. */
export function diskVolumes({ volumes = [] }: PodSpec): readonly Volume[] {
  return volumes.filter(({ emptyDir }) => emptyDir !== undefined && emptyDir.medium !== 'Memory')
}

/** Whether the pod's use of the disk has to be looked at. */
export function limitsStorage(spec: PodSpec): boolean {
  return podLimits(spec)[resource] !== undefined || diskVolumes(spec).some(sizeLimitOf)
}

/**
 * Which limit of the disk a pod has passed, in the kubelet's words; undefined while it
 * keeps to all of them.
 *
 * @see kubelet's localStorageEviction, pkg/kubelet/eviction/eviction_manager.go.
 */
export function storageExcess(spec: PodSpec, use: StorageUse): string | undefined {
  return volumeExcess(spec, use) ?? podExcess(spec, use) ?? containerExcess(spec, use)
}

function volumeExcess(spec: PodSpec, { volumes }: StorageUse): string | undefined {
  for (const volume of diskVolumes(spec)) {
    const limit = sizeLimitOf(volume)
    if (limit !== undefined && (volumes.get(volume.name) ?? 0) > wholeValue(limit)) {
      return `Usage of EmptyDir volume "${volume.name}" exceeds the limit "${formatQuantity(limit)}". `
    }
  }
  return undefined
}

function podExcess(spec: PodSpec, { volumes, containers }: StorageUse): string | undefined {
  const limit = podLimits(spec)[resource]
  if (limit === undefined) return undefined
  const used = [...volumes.values(), ...containers.values()].reduce((sum, one) => sum + one, 0)
  if (used <= wholeValue(limit)) return undefined
  return `Pod ephemeral local storage usage exceeds the total limit of containers ${formatQuantity(limit)}. `
}

function containerExcess(spec: PodSpec, { containers }: StorageUse): string | undefined {
  for (const container of allContainers(spec)) {
    const limit = limitOf(container)
    if (limit !== undefined && (containers.get(container.name) ?? 0) > wholeValue(limit)) {
      return `Container ${container.name} exceeded its local ephemeral storage limit "${formatQuantity(limit)}". `
    }
  }
  return undefined
}

/** Undefined without a limit; a limit of 0 is none. */
function sizeLimitOf({ emptyDir }: Volume): Quantity | undefined {
  const limit = parseQuantity(emptyDir?.sizeLimit ?? '')
  return limit !== undefined && wholeValue(limit) > 0 ? limit : undefined
}

function limitOf({ resources }: Container): Quantity | undefined {
  return parseQuantity(resources?.limits?.[resource] ?? '')
}
