import { bytesQuantity, milliCpuQuantity } from '../../domain/quantity/quantity.ts'
import type { Pod } from '../../domain/pod.ts'
import { bytes, milliCpu } from '../../domain/units.ts'
import type { LayeredValue, SizeValue } from '../../operate/cgroups/layered-value.ts'
import type { PodReport } from '../../operate/verify/pod-report.ts'
import type { ContainerUse } from '../../operate/cluster/usage.ts'
import { partCell } from './part-cell.ts'

/** What has a size of its own and a row in a table. */
export interface SizedPart {
  readonly name: string
  readonly values: readonly LayeredValue[]
  /** Absent for what cannot restart. */
  readonly restartCount?: number
}

/** The containers of a pod, and the pod where it has a size that is not only their sum. */
export function sizedParts({ containers, pod }: PodReport, { spec }: Pod): readonly SizedPart[] {
  const { requests, limits } = spec.resources ?? {}
  const hasOwn = requests !== undefined || limits !== undefined
  return hasOwn ? [...containers, { name: partCell(undefined), values: pod.values }] : containers
}

type Layer = 'desired' | 'allocated' | 'status'

/** `250m:500m` of one layer; of allocated only the request, since the API shows no more. */
export function sideOf(
  values: readonly LayeredValue[],
  resource: 'cpu' | 'memory',
  layer: Layer,
): string {
  const text = (value: SizeValue): string =>
    values.find((one) => one.value === value)?.[layer] ?? 'none'
  const request = text(`${resource}Request`)
  if (layer === 'allocated') return request === 'none' ? '-' : request
  const limit = text(`${resource}Limit`)
  return request === 'none' && limit === 'none' ? '-' : `${request}:${limit}`
}

/** What the kernel's files say of a resource, or `-` where they cannot be seen. */
export function kernelOf(values: readonly LayeredValue[], resource: 'cpu' | 'memory'): string {
  const files = values
    .filter(({ value }) => value.startsWith(resource))
    .flatMap(({ files }) => files)
  if (files.length === 0) return '-'
  return files.map(({ found, ok }) => `${found}${ok ? '' : '!'}`).join(' ')
}

/** The state of the resize in one word. */
export function resizeWord({ resize }: PodReport): string {
  switch (resize.kind) {
    case 'settled':
      return '-'
    case 'notYetObserved':
      return 'NotYetSeen'
    case 'deferred':
      return 'Deferred'
    case 'infeasible':
      return 'Infeasible'
    case 'inProgress':
      return 'InProgress'
    case 'failed':
      return 'Error'
    default:
      return resize satisfies never
  }
}

/** Memory for people, as kubectl top shows it: whole Mi. */
export function useText(use: ContainerUse | undefined): readonly [string, string] {
  if (use === undefined) return ['-', '-']
  const mebi = Math.ceil(use.memory / 2 ** 20)
  return [
    use.cpu === undefined ? '-' : milliCpuQuantity(milliCpu(use.cpu)),
    mebi === 0 ? '0' : bytesQuantity(bytes(mebi * 2 ** 20)),
  ]
}
