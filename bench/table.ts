import type { Summary } from './percentiles.ts'

/** A line of the table: what, its number, what else there is to say of it. */
export function row(what: string, first: string, second: string, third: string): string {
  return `${what.padEnd(28)}${first.padStart(10)}  ${second.padEnd(22)}${third}`.trimEnd()
}

export function against(what: string, summary: Summary, bare: Summary): string {
  const ratios = `${times(summary.p50, bare.p50)}, ${times(summary.p99, bare.p99)}`
  return row(what, ms(summary.p50), rest(summary), ratios)
}

export function rest({ p90, p99 }: Summary): string {
  return `${ms(p90)} / ${ms(p99)}`
}

export function ms(value: number): string {
  return value < 100 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`
}

export function times(value: number, bare: number): string {
  return `${(value / bare).toFixed(2)}x`
}

/** The table for people on stderr, all numbers as JSON on stdout. */
export function printReport(lines: readonly string[], report: unknown): void {
  process.stderr.write(`${lines.join('\n')}\n`)
  process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`)
}
