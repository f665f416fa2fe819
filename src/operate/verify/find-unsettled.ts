import {
  unreportedContainers,
  unsettledContainers,
} from '../../domain/resize/reporting/unsettled-containers.ts'
import type { LayeredValue } from '../cgroups/layered-value.ts'
import { enforcesCpuLimits } from '../cluster/kubelet-policies.ts'
import { containersOf, isRunning, staysRunning } from '../containers.ts'
import type { Finding } from '../findings/finding.ts'
import { nodeReason } from '../node-reason.ts'
import type { DriftQuestion } from './drift-question.ts'

/** What the API itself tells of a resize that is not done: its conditions, its containers, its sizes. */
export function findUnsettled(question: DriftQuestion): readonly Finding[] {
  return [
    ...resizeFindings(question),
    ...notRunningFindings(question),
    ...unreportedFindings(question),
    ...statusFindings(question),
  ]
}

function resizeFindings({ resize, held }: DriftQuestion): readonly Finding[] {
  switch (resize.kind) {
    case 'settled':
      return []
    case 'deferred':
      return [{ code: 'RS101', message: nodeReason(resize) }]
    case 'infeasible':
      return [{ code: 'RS102', message: nodeReason(resize) }]
    case 'failed':
      return [{ code: 'RS103', message: resize.message }]
    case 'inProgress':
      return held === 'desired' ? [] : [{ code: 'RS104', message: 'The node is at work on it' }]
    case 'notYetObserved':
      return [{ code: 'RS108', message: 'The node has not looked at the newest change' }]
    default:
      return resize satisfies never
  }
}

function notRunningFindings({ pod }: DriftQuestion): readonly Finding[] {
  return containersOf(pod)
    .filter((container) => staysRunning(container) && !isRunning(container.status))
    .map(({ spec, status }) => {
      const reason = status?.state?.waiting?.reason
      const why = reason === undefined ? '' : ` (${reason})`
      const message = `Container ${spec.name} is not running${why}`
      return { code: 'RS107', container: spec.name, message }
    })
}

function differs({ desired, allocated }: LayeredValue): boolean {
  return desired !== undefined && allocated !== undefined && desired !== allocated
}

/** A node that is silent about sizes is taken at the spec's word, which has to be said. */
function unreportedFindings({ pod }: DriftQuestion): readonly Finding[] {
  return unreportedContainers(pod).map((container) => {
    const message = `The status of container ${container} has no size: the kernel is held to the desired one`
    return { code: 'RS109', container, message }
  })
}

/** What the node grants and reports, of a pod that should be settled. */
function statusFindings({ pod, held, containers, kubelet }: DriftQuestion): readonly Finding[] {
  if (held !== 'desired') return []
  const cpuLimits = enforcesCpuLimits(kubelet)
  const unsettled = unsettledContainers(pod, { cpuLimits })
  return containers
    .filter(({ running }) => running)
    .flatMap(({ name, values }) => {
      const granted = values.filter(differs).map((value): Finding => ({
        code: 'RS105',
        container: name,
        message: `Container ${name} asks for ${value.desired}, granted is ${value.allocated}`,
      }))
      // A status that follows a changed cgroup file is the same finding once more.
      const inKernel = values.some(({ files }) => files.some(({ ok }) => !ok))
      if (granted.length > 0 || inKernel || !unsettled.includes(name)) return granted
      const shown = values
        .filter(({ desired, status }) => desired !== undefined && desired !== status)
        .map(({ desired, status = 'nothing' }) => `${status} instead of ${desired}`)
      const message = `Container ${name} is reported with ${shown.join(', ')}`
      return [{ code: 'RS106', container: name, message }]
    })
}
