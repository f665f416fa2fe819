import { Option } from 'commander'
import { usageError } from '../cli-error.ts'

const millisecondsPerUnit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

/**
 * A duration as kubectl takes it, in milliseconds: `60s`, `1m30s`, `500ms`, `0`.
 *
 * @throws CliError (usage) if `text` is none.
 */
export function parseDuration(text: string): number {
  if (text === '0') return 0
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    throw usageError(`Cannot wait for '${text}': a duration is written like 30s, 2m or 1m30s`)
  }
  return parts.reduce(
    (sum, [, number, unit]) =>
      sum + Number(number) * millisecondsPerUnit[unit as keyof typeof millisecondsPerUnit],
    0,
  )
}

/** An option that takes a duration; its help shows the usual one as it would be written. */
export function durationOption(flags: string, description: string, usual: string): Option {
  return new Option(flags, description)
    .argParser(parseDuration)
    .default(parseDuration(usual), usual)
}

/** Milliseconds for people: `44 ms`, `1.25 s`, `1m 5s`. */
export function formatMilliseconds(ms: number): string {
  if (Math.round(ms) < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)}m ${seconds % 60}s`
}
