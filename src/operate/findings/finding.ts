import type { FindingLevel, FindingMeaning } from './finding-meaning.ts'
import { findingTable, type FindingCode } from './finding-table.ts'

/** One thing that is not as it should be, with everything needed to act on it. */
export interface Finding {
  readonly code: FindingCode
  /** Absent for the pod as a whole. */
  readonly container?: string
  /** What was seen, with the numbers. */
  readonly message: string
  readonly file?: string
  readonly found?: string
  /** Every value that would be right. */
  readonly expected?: readonly string[]
  /** Issues of Kubernetes and others that look like this: `kubernetes#138760`. */
  readonly upstream?: readonly string[]
  /** Another look may not find it: somebody did not answer, or something changed in between. */
  readonly fleeting?: boolean
}

/** Whether it goes away by itself, soon. */
export function isPassing({ code }: Finding): boolean {
  const { passing = false }: FindingMeaning = findingTable[code]
  return passing
}

export function levelOf({ code }: Finding): FindingLevel {
  return findingTable[code].level
}
