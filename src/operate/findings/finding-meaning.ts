/** What a finding means for the verdict. */
export type FindingLevel =
  /** The layers disagree, or the node says no. */
  | 'error'
  /** Something could not be looked at, or cannot be judged at this moment. */
  | 'warning'

export interface FindingMeaning {
  readonly level: FindingLevel
  /** Whether it goes away by itself, soon: then it is worth to look again. @default false */
  readonly passing?: boolean
  readonly title: string
  readonly cause: string
  readonly cure: string
  /** What there is to know besides, for the documentation page. */
  readonly details?: string
}
