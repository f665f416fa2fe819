import { ancestorFindings } from './ancestor-findings.ts'
import { containerFindings } from './container-findings.ts'
import { podFindings } from './pod-findings.ts'
import { resizeFindings } from './resize-findings.ts'
import { sightFindings } from './sight-findings.ts'

/** Every finding that podfit names, by its code. A code never changes its meaning. */
export const findingTable = {
  ...resizeFindings,
  ...containerFindings,
  ...podFindings,
  ...sightFindings,
  ...ancestorFindings,
}

export type FindingCode = keyof typeof findingTable
