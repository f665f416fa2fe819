/** How much of a container's output is kept: kubelet's containerLogMaxSize and containerLogMaxFiles. */
export interface LogRotationPolicy {
  /** From so many bytes on a log is rotated; below 0 none is ever. */
  readonly maxSize: number
  /** Of one log, the one that is written included; 2 or more. */
  readonly maxFiles: number
}

/** Kubernetes' defaults. */
export const usualLogRotation: LogRotationPolicy = { maxSize: 10 * 1024 * 1024, maxFiles: 5 }

/** What is to be done with the older files of a log. */
export interface OlderLogs {
  readonly remove: readonly string[]
  /** Not the newest: somebody may be reading it. */
  readonly compress: readonly string[]
}

/** The name of a log that is written no more; names sort by age. */
export function rotatedName(log: string, now: Date): string {
  const [date, time] = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').split('T')
  return `${log}.${date}-${time}`
}

/**
 * What becomes of the older files of `log` when it is rotated: those too many go, the oldest
 * first, and what a rotation that broke off has left.
 *
 * @param files the names in its directory, with the one that `log` gets now.
 * @see kubelet's container_log_manager.go
 */
export function olderLogs(
  files: readonly string[],
  log: string,
  { maxFiles }: Pick<LogRotationPolicy, 'maxFiles'>,
): OlderLogs {
  const older = files.filter((file) => file.startsWith(`${log}.`)).toSorted()
  const isLeft = (file: string): boolean => file.endsWith('.tmp') || older.includes(`${file}.gz`)
  const kept = older.filter((file) => !isLeft(file))
  const tooMany = Math.max(0, kept.length - (maxFiles - 1))
  return {
    remove: [...older.filter(isLeft), ...kept.slice(0, tooMany)],
    compress: kept.slice(tooMany, -1).filter((file) => !file.endsWith('.gz')),
  }
}
