import type { CgroupReading } from '../domain/cgroup/knobs.ts'

/** Undefined if the cgroup is gone: what was in it has ended, and the news of that is on its way. */
export function readingOf(read: () => CgroupReading): CgroupReading | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'notFound') return undefined
    throw error
  }
}
