import { Option } from 'commander'
import { parseGoDuration } from '../../domain/query/go-duration.ts'
import { usageError } from '../cli-error.ts'

/**
 * A duration as kubectl takes it, in milliseconds: `60s`, `1m30s`, `500ms`, `0`.
 *
 * @throws CliError (usage) if `text` is none, or below 0.
 */
export function parseDuration(text: string): number {
  const duration = parseGoDuration(text)
  if (duration.kind === 'duration' && duration.ms >= 0) return duration.ms
  throw usageError(`Cannot wait for '${text}': a duration is written like 30s, 2m or 1m30s`)
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
