import type { KubeObject } from '../kube-object.ts'
import { statusOf, type MeasuredPod } from '../usage/measured-pod.ts'
import type { CgroupFigures, CgroupUsage, Usage, UsageReport } from '../usage/usage-source.ts'
import { machineFamilies } from './machine-metrics.ts'
import { prometheusLines, type Family, type Sample } from './prometheus-text.ts'

/** A cgroup with the labels that cAdvisor gives it. */
interface Row {
  readonly labels: Sample['labels']
  readonly usage: Usage
  /** Absent for the whole machine, and once the cgroup is gone. */
  readonly figures?: CgroupFigures | undefined
  readonly startedAt?: string | undefined
}

type FiguresOf = (cgroup: string) => CgroupFigures | undefined

/**
 * What a kubelet answers to `/metrics/cadvisor`, which Prometheus scrapes: use, limits and
 * throttling of CPU and memory, none of disks and networks. As there, a pod as a whole is the row
 * without a container and an image, and the machine the one whose id is `/`.
 *
 * @see cadvisor metrics/prometheus.go; Kubernetes pkg/kubelet/server, containerPrometheusLabelsFunc
 */
export function cadvisorMetrics(
  { at, nodes }: UsageReport,
  node: KubeObject,
  pods: readonly MeasuredPod[],
  figuresOf: FiguresOf,
): string {
  const machine = nodes.filter(({ name }) => name === node.metadata.name)
  const rows: readonly Row[] = [
    ...machine.map((usage) => ({ labels: labelsOf('/', {}), usage })),
    ...pods.flatMap((pod) => rowsOf(pod, figuresOf)),
  ]
  const families = metrics.map((metric) => familyOf(metric, rows, at))
  return prometheusLines([...families, ...machineFamilies(node)])
}

function rowsOf({ pod, usage }: MeasuredPod, figuresOf: FiguresOf): readonly Row[] {
  const { namespace, name, whole, containers } = usage
  const row = (of: CgroupUsage, more: Readonly<Record<string, string>>): Row => ({
    labels: labelsOf(of.cgroup, { namespace, pod: name, ...more }),
    usage: of,
    figures: figuresOf(of.cgroup),
  })
  return [
    ...(whole === undefined ? [] : [row(whole, {})]),
    ...containers.map((container): Row => {
      const { image = '', containerID = '', state } = statusOf(pod, container.name) ?? {}
      const id = containerID.replace(/^.*:\/\//, '')
      const named = row(container, { container: container.name, image, name: id })
      return { ...named, startedAt: state?.running?.startedAt }
    }),
  ]
}

/** Every row has every label, in the order of the alphabet. */
function labelsOf(id: string, more: Readonly<Record<string, string>>): Sample['labels'] {
  return { container: '', id, image: '', name: '', namespace: '', pod: '', ...more }
}

interface Metric extends Omit<Family, 'samples'> {
  readonly value: (row: Row, at: number) => number | undefined
  /** What was set rather than measured has no time. */
  readonly isSetting?: boolean
}

function familyOf(metric: Metric, rows: readonly Row[], at: number): Family {
  const { value, isSetting = false, ...family } = metric
  const samples = rows.flatMap((row): readonly Sample[] => {
    const found = value(row, at)
    if (found === undefined) return []
    const labels = family.name === cpuUse ? withCpu(row.labels) : row.labels
    return [{ labels, value: found, ...(isSetting ? {} : { at }) }]
  })
  return { ...family, samples }
}

const cpuUse = 'container_cpu_usage_seconds_total'

/** CPU time could be told for each CPU; what is asked for everywhere is the sum. */
function withCpu({ container = '', ...rest }: Sample['labels']): Sample['labels'] {
  return { container, cpu: 'total', ...rest }
}

/** Throttling is told of what has a quota. */
function ofQuota(value: (figures: CgroupFigures) => number): Metric['value'] {
  return ({ figures }) => (figures?.cpuQuotaMicros === undefined ? undefined : value(figures))
}

const metrics: readonly Metric[] = [
  {
    name: 'container_cpu_cfs_periods_total',
    type: 'counter',
    help: 'Number of elapsed enforcement period intervals.',
    value: ofQuota(({ cpuPeriods }) => cpuPeriods),
  },
  {
    name: 'container_cpu_cfs_throttled_periods_total',
    type: 'counter',
    help: 'Number of throttled period intervals.',
    value: ofQuota(({ throttledPeriods }) => throttledPeriods),
  },
  {
    name: 'container_cpu_cfs_throttled_seconds_total',
    type: 'counter',
    help: 'Total time duration the container has been throttled.',
    value: ofQuota(({ throttledMicros }) => throttledMicros / 1e6),
  },
  {
    name: cpuUse,
    type: 'counter',
    help: 'Cumulative cpu time consumed in seconds.',
    value: ({ usage }) => usage.cpuTotalNanos / 1e9,
  },
  {
    name: 'container_last_seen',
    type: 'gauge',
    help: 'Last time a container was seen by the exporter',
    value: (_row, at) => Math.floor(at / 1000),
  },
  {
    name: 'container_memory_usage_bytes',
    type: 'gauge',
    help: 'Current memory usage in bytes, including all memory regardless of when it was accessed',
    value: ({ figures }) => figures?.memoryBytes,
  },
  {
    name: 'container_memory_working_set_bytes',
    type: 'gauge',
    help: 'Current working set in bytes.',
    value: ({ usage }) => usage.memoryBytes,
  },
  {
    name: 'container_oom_events_total',
    type: 'counter',
    help: 'Count of out of memory events observed for the container',
    value: ({ figures }) => figures?.oomKills,
  },
  {
    name: 'container_spec_cpu_period',
    type: 'gauge',
    help: 'CPU period of the container.',
    isSetting: true,
    value: ({ figures }) => figures?.cpuPeriodMicros,
  },
  {
    name: 'container_spec_cpu_quota',
    type: 'gauge',
    help: 'CPU quota of the container.',
    isSetting: true,
    value: ({ figures }) => figures?.cpuQuotaMicros,
  },
  {
    name: 'container_spec_cpu_shares',
    type: 'gauge',
    help: 'CPU share of the container.',
    isSetting: true,
    value: ({ figures }) => figures?.cpuShares,
  },
  {
    name: 'container_spec_memory_limit_bytes',
    type: 'gauge',
    help: 'Memory limit for the container.',
    isSetting: true,
    // 0 stands for none.
    value: ({ figures }) => figures && (figures.memoryLimitBytes ?? 0),
  },
  {
    name: 'container_start_time_seconds',
    type: 'gauge',
    help: 'Start time of the container since unix epoch in seconds.',
    isSetting: true,
    value: ({ startedAt }) => (startedAt === undefined ? undefined : Date.parse(startedAt) / 1000),
  },
]
