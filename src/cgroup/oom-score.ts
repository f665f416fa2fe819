import { readFileSync, writeFileSync } from 'node:fs'
import { CgroupError, cgroupErrorFrom } from './cgroup-error.ts'

/**
 * Reads `/proc/PID/oom_score_adj`, -1000 (never killed) to 1000 (first).
 *
 * @throws CgroupError `notFound` if the process is gone.
 */
export function readOomScoreAdj(pid: number): number {
  const path = `/proc/${pid}`
  try {
    return Number(readFileSync(`${path}/oom_score_adj`, 'utf8'))
  } catch (cause) {
    throw cgroupErrorFrom('read oom_score_adj of', { path, cause })
  }
}

/**
 * Writes `/proc/PID/oom_score_adj`. No runtime does it for a running container.
 *
 * @throws CgroupError `denied` when lowering it below its start value without CAP_SYS_RESOURCE.
 */
export function writeOomScoreAdj(pid: number, value: number): void {
  if (!Number.isInteger(value) || value < -1000 || value > 1000) {
    const message = `Cannot write ${value} as oom_score_adj of process ${pid}: it must be a whole number from -1000 to 1000`
    throw new CgroupError('invalid', message, { path: `/proc/${pid}` })
  }
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, String(value), { flag: 'r+' })
  } catch (cause) {
    throw cgroupErrorFrom(`write ${value} as oom_score_adj of`, { path: `/proc/${pid}`, cause })
  }
}
