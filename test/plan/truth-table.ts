export const verdicts = ['accepted', 'deferred', 'infeasible', 'rejected'] as const
export type Verdict = (typeof verdicts)[number]

/** How often what was predicted met what happened. */
export class TruthTable {
  readonly #counts = new Map<string, number>()

  add(predicted: string, happened: Verdict): void {
    this.#counts.set(`${predicted}/${happened}`, this.count(predicted, happened) + 1)
  }

  count(predicted: string, happened: string): number {
    return this.#counts.get(`${predicted}/${happened}`) ?? 0
  }

  /** For people: a row for each prediction. */
  toString(): string {
    const head = ['predicted \\ happened', ...verdicts.map((one) => one.padStart(11))]
    const rows = verdicts.map((row) => [
      row.padEnd(20),
      ...verdicts.map((column) => String(this.count(row, column)).padStart(11)),
    ])
    return [head, ...rows].map((cells) => cells.join('')).join('\n')
  }
}
