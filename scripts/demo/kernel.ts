import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Pod, ResourceRequirements } from '../../src/domain/pod.ts'
import { milliValue, parseQuantity, wholeValue } from '../../src/domain/quantity/quantity.ts'

const mount = '/sys/fs/cgroup'

export const cgroupVersion = existsSync(join(mount, 'cgroup.controllers')) ? 'v2' : 'v1'

/** Where each controller is mounted, and its files that a size is written to. */
const places =
  cgroupVersion === 'v2'
    ? { '': ['cpu.weight', 'cpu.max', 'memory.max'] }
    : { cpu: ['cpu.shares', 'cpu.cfs_quota_us'], memory: ['memory.limit_in_bytes'] }

/** A file of the kernel. The demo reads it by itself, not through podfit. */
export interface KernelFile {
  /** `pod`, or the container's name. */
  readonly owner: string
  readonly file: string
  readonly path: string
}

/** The files of the pod's cgroup and of its containers', found by UID and container ID. */
export function kernelFiles(pod: Pod): readonly KernelFile[] {
  return Object.entries(places).flatMap(([controller, files]) => {
    const pattern = join(mount, controller, `podfit*/kubepods/{,*/}pod${pod.metadata.uid}`)
    const [podCgroup] = globSync(pattern)
    if (podCgroup === undefined) throw new Error(`The kernel has no cgroup ${pattern}`)
    const containers = (pod.status?.containerStatuses ?? []).map(({ name, containerID = '' }) => ({
      owner: name,
      directory: join(podCgroup, containerID.replace(/^.*\/\//, '')),
    }))
    return [{ owner: 'pod', directory: podCgroup }, ...containers].flatMap((cgroup) =>
      files.map((file) => ({ owner: cgroup.owner, file, path: join(cgroup.directory, file) })),
    )
  })
}

export interface KernelValue extends KernelFile {
  readonly value: string
}

export function readKernel(files: readonly KernelFile[]): readonly KernelValue[] {
  return files.map((one) => ({ ...one, value: readFileSync(one.path, 'utf8').trim() }))
}

export function kernelOf(pod: Pod): readonly KernelValue[] {
  return readKernel(kernelFiles(pod))
}

/** Pod before containers, and each with its files together. */
export function byOwner<T extends KernelFile>(values: readonly T[]): readonly T[] {
  return [...new Set(values.map(({ owner }) => owner))].flatMap((owner) =>
    values.filter((value) => value.owner === owner),
  )
}

/** The files that say something else now. */
export function changedFiles(
  before: readonly KernelValue[],
  after: readonly KernelValue[],
): readonly string[][] {
  return byOwner(after).flatMap(({ owner, file, value }) => {
    const old = before.find((one) => one.owner === owner && one.file === file)?.value ?? 'nothing'
    return old === value ? [] : [[`  ${owner}`, file, `${old} → ${value}`]]
  })
}

/** What the limits must look like in the kernel, in the demo's own arithmetic. */
export function limitsInKernel({ limits = {} }: ResourceRequirements): readonly string[] {
  const quota = milliValue(quantity(limits['cpu'])) * 100
  const memory = String(wholeValue(quantity(limits['memory'])))
  return cgroupVersion === 'v2'
    ? [`cpu.max ${quota} 100000`, `memory.max ${memory}`]
    : [`cpu.cfs_quota_us ${quota}`, `memory.limit_in_bytes ${memory}`]
}

function quantity(text = '') {
  const parsed = parseQuantity(text)
  if (parsed === undefined) throw new TypeError(`Cannot read the quantity '${text}'`)
  return parsed
}

/** Whether the kernel limits the container to exactly that. */
export function kernelHolds(
  values: readonly KernelValue[],
  container: string,
  size: ResourceRequirements,
): boolean {
  const found = values.filter(({ owner }) => owner === container)
  const lines = new Set(found.map(({ file, value }) => `${file} ${value}`))
  return limitsInKernel(size).every((line) => lines.has(line))
}
