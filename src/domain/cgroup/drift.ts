import type { FileDifference } from './compare-unified.ts'

/** What becomes of a cgroup value that somebody else has changed. */
export const driftModes = ['restore', 'report'] as const
export type DriftMode = (typeof driftModes)[number]

/** The text of an event: what was expected and what was found, file by file. */
export function driftMessage(whose: string, differences: readonly FileDifference[]): string {
  const files = differences.map(
    ({ file, expected, found }) => `${file} is "${found}", not "${expected.join('" or "')}"`,
  )
  return `Somebody changed the cgroup of ${whose}: ${files.join('; ')}`
}
