import type { Pod } from '../../../domain/pod.ts'
import type { KubeObject } from '../../kube-object.ts'
import { ageColumn, nameColumn, orNone, type Column } from '../column.ts'
import { ageAt } from '../human-duration.ts'
import { podSummary, type PodSummary } from '../pod-summary.ts'

/** Columns ask one after the other; the pod is summed up once. */
const summaries = new WeakMap<KubeObject, PodSummary>()

function asPod(object: KubeObject): Pod {
  return object as unknown as Pod
}

function summaryOf(object: KubeObject): PodSummary {
  const known = summaries.get(object)
  if (known) return known
  const summary = podSummary(asPod(object))
  summaries.set(object, summary)
  return summary
}

function restartsText(object: KubeObject, now: number): string {
  const { restarts, lastRestart } = summaryOf(object)
  if (restarts === 0 || lastRestart === undefined) return String(restarts)
  return `${restarts} (${ageAt(now, lastRestart)} ago)`
}

function gatesText({ spec, status }: Pod): string {
  const gates = spec.readinessGates ?? []
  if (gates.length === 0) return '<none>'
  const met = gates.filter(({ conditionType }) =>
    status?.conditions?.some((one) => one.type === conditionType && one.status === 'True'),
  )
  return `${met.length}/${gates.length}`
}

export const podColumns: readonly Column[] = [
  nameColumn,
  {
    name: 'Ready',
    type: 'string',
    description: 'How many of the containers are ready.',
    cell: (object) => `${summaryOf(object).ready}/${summaryOf(object).containers}`,
  },
  {
    name: 'Status',
    type: 'string',
    description: 'The phase of the pod, or what keeps it from running.',
    cell: (object) => summaryOf(object).status,
  },
  {
    name: 'Restarts',
    type: 'string',
    description: 'How often containers were restarted, and when the last time.',
    cell: restartsText,
  },
  ageColumn,
  {
    name: 'IP',
    type: 'string',
    description: 'The address of the pod.',
    wide: true,
    cell: (object) => {
      const { status } = asPod(object)
      return orNone(status?.podIPs?.[0]?.ip ?? status?.podIP)
    },
  },
  {
    name: 'Node',
    type: 'string',
    description: 'The node that the pod runs on.',
    wide: true,
    cell: (object) => orNone(asPod(object).spec.nodeName),
  },
  {
    name: 'Nominated Node',
    type: 'string',
    description: 'The node where room is being made for the pod.',
    wide: true,
    cell: (object) => orNone(asPod(object).status?.nominatedNodeName),
  },
  {
    name: 'Readiness Gates',
    type: 'string',
    description: 'How many of the extra conditions for readiness hold.',
    wide: true,
    cell: (object) => gatesText(asPod(object)),
  },
]
