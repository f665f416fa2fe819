import { statusOf, type MeasuredPod } from '../usage/measured-pod.ts'
import type { Usage, UsageReport } from '../usage/usage-source.ts'
import { prometheusLines, type Family, type Sample } from './prometheus-text.ts'

/**
 * What a kubelet answers to `/metrics/resource`, which metrics-server reads: use of CPU and memory
 * in the text form of Prometheus.
 *
 * @see Kubernetes pkg/kubelet/metrics/collectors/resource_metrics.go
 */
export function resourceMetrics(report: UsageReport, pods: readonly MeasuredPod[]): string {
  const { at, nodes } = report
  const containers = pods.flatMap(({ pod, usage }) => {
    return usage.containers.map((container) => {
      const startedAt = statusOf(pod, container.name)?.state?.running?.startedAt
      return {
        labels: { container: container.name, ...placeOf(usage) },
        usage: container,
        startedAt,
      }
    })
  })
  const whole = pods.flatMap(({ usage }) => {
    return usage.whole === undefined ? [] : [{ labels: placeOf(usage), usage: usage.whole }]
  })
  const machine = nodes.map((usage) => ({ labels: {}, usage }))
  const started = containers.flatMap(({ labels, startedAt }) => {
    return startedAt === undefined ? [] : [{ labels, value: Date.parse(startedAt) / 1000 }]
  })
  return prometheusLines([
    cpu('container', containers, at),
    memory('container', containers, at),
    family(
      'container_start_time_seconds',
      'gauge',
      'Start time of the container since unix epoch in seconds',
      started,
    ),
    cpu('node', machine, at),
    memory('node', machine, at),
    cpu('pod', whole, at),
    memory('pod', whole, at),
    // Where nothing could be measured the request itself fails.
    family(
      'resource_scrape_error',
      'gauge',
      '1 if there was an error while getting container metrics, 0 otherwise',
      [{ labels: {}, value: 0 }],
    ),
  ])
}

interface Measured {
  readonly labels: Sample['labels']
  readonly usage: Usage
}

function placeOf({ namespace, name }: { readonly namespace: string; readonly name: string }) {
  return { namespace, pod: name }
}

function cpu(of: string, all: readonly Measured[], at: number): Family {
  return family(
    `${of}_cpu_usage_seconds_total`,
    'counter',
    `Cumulative cpu time consumed by the ${of} in core-seconds`,
    all.map(({ labels, usage }) => ({ labels, value: usage.cpuTotalNanos / 1e9, at })),
  )
}

function memory(of: string, all: readonly Measured[], at: number): Family {
  return family(
    `${of}_memory_working_set_bytes`,
    'gauge',
    `Current working set of the ${of} in bytes`,
    all.map(({ labels, usage }) => ({ labels, value: usage.memoryBytes, at })),
  )
}

function family(
  name: string,
  type: Family['type'],
  help: string,
  samples: readonly Sample[],
): Family {
  return { name, type, help: `[STABLE] ${help}`, samples }
}
