/** What a newer podfit has written in a format that this one does not know, and would misread. */
export class NewerFormat extends Error {
  override readonly name = 'NewerFormat'
}

export interface FormatFound {
  readonly path: string
  /** 0 where none was written down: formats were not counted yet, and it is the first. */
  readonly found: number
  /** The newest that this podfit reads. */
  readonly known: number
  /** What the user can do, besides going on with the podfit that wrote it. */
  readonly cure: string
}

/** @throws NewerFormat */
export function requireKnown({ path, found, known, cure }: FormatFound): void {
  if (found <= known) return
  throw new NewerFormat(
    `Cannot use ${path}: a newer podfit wrote it in format ${found}, and this one reads up to format ${known}; use that podfit, or ${cure}`,
  )
}
