import { findingTable } from '../../operate/findings/finding-table.ts'
import type { PodReport } from '../../operate/verify/pod-report.ts'

/** A report for programs: as it is, each finding with its meaning, since codes alone are terse. */
export function podReportDocument(report: PodReport): object {
  const { findings, ...rest } = report
  return {
    ...rest,
    findings: findings.map(({ code, ...finding }) => {
      const { level, title, cause, cure } = findingTable[code]
      return { code, level, title, cause, cure, ...finding }
    }),
  }
}
