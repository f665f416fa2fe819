export type CheckLevel = 'ok' | 'warning' | 'error'

/** One line of `podfit check`. */
export interface Check {
  readonly level: CheckLevel
  readonly text: string
  /** What would make it better; absent where all is well. */
  readonly hint?: string
}

export interface CheckSection {
  readonly title: string
  readonly checks: readonly Check[]
}

export const ok = (text: string): Check => ({ level: 'ok', text })
export const warning = (text: string, hint: string): Check => ({ level: 'warning', text, hint })
export const error = (text: string, hint: string): Check => ({ level: 'error', text, hint })
