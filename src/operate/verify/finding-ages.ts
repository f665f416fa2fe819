import { levelOf, type Finding } from '../findings/finding.ts'
import type { PodReport } from './pod-report.ts'

/** How long an error has to be seen before it is believed, in milliseconds. */
const believedAfterMs = 1000

/**
 * As long as the status of a pod may be behind: a kubelet looks at its runtime once a second
 * and writes the status after that. A container that crashed runs until then, by the API.
 */
const statusLagMs = 3000

/** What an error looks like that the API's being late explains. */
function isLag({ code }: Finding): boolean {
  return code === 'CG302'
}

export type Standing =
  /** Nothing speaks against the report. */
  | 'settled'
  /** Every error of it has been seen for long enough. */
  | 'believed'
  /** Another look may show something else. */
  | 'open'
  /** The same, and all that is wrong may be the API being late. */
  | 'lagging'

/** Since when each error of some pods has been seen, look after look. */
export interface FindingAges {
  /** What a report that was made at `now` (milliseconds) is worth. */
  standing(report: PodReport, now: number): Standing
}

function keyOf({ code, container = '', file = '', found = '' }: Finding): string {
  return [code, container, file, found].join('|')
}

function isSettled({ verdict, findings }: PodReport): boolean {
  return verdict !== 'notNow' && findings.every(({ fleeting = false }) => !fleeting)
}

/** An error that is not seen in one look counts from anew in the next. */
export function findingAges(): FindingAges {
  const byPod = new Map<string, ReadonlyMap<string, number>>()
  return {
    standing(report, now) {
      const pod = `${report.namespace}/${report.name}/${report.uid}`
      const before = byPod.get(pod)
      const errors = report.findings.filter((finding) => levelOf(finding) === 'error')
      const since = new Map(errors.map((one) => [keyOf(one), before?.get(keyOf(one)) ?? now]))
      byPod.set(pod, since)
      if (errors.length === 0) return isSettled(report) ? 'settled' : 'open'
      const isOld = (one: Finding) =>
        now - (since.get(keyOf(one)) ?? now) >= (isLag(one) ? statusLagMs : believedAfterMs)
      if (errors.every(isOld)) return 'believed'
      return errors.every((one) => isLag(one) && !isOld(one)) ? 'lagging' : 'open'
    },
  }
}
