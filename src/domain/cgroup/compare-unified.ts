import type { Bytes } from '../units.ts'
import type { Difference } from './compare.ts'
import { usualPageSize } from './memory.ts'
import type { UnifiedFiles } from './memory-qos.ts'

/** A file that says something else than it should. */
export type FileDifference = Pick<Difference, 'file' | 'expected' | 'found'>

/**
 * The files of cgroup v2 beyond limit and CPU that say something else than they were given.
 * Those that were not read are not looked at: an older kernel does not have all of them.
 */
export function compareUnified(
  expected: UnifiedFiles,
  found: UnifiedFiles,
  pageSize: Bytes = usualPageSize,
): readonly FileDifference[] {
  return Object.entries(expected).flatMap(([file, text]) => {
    const is = found[file]
    const should = asKept(file, text, pageSize)
    return is === undefined || is === should ? [] : [{ file, expected: [should], found: is }]
  })
}

/** The kernel keeps whole pages; `memory.oom.group` is a switch. */
function asKept(file: string, text: string, pageSize: Bytes): string {
  if (file === 'memory.oom.group' || text === 'max') return text
  const bytes = Number(text)
  return String(bytes - (bytes % pageSize))
}
