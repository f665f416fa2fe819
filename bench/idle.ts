import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Idle {
  /** Share of one core, 0.03 is 3 %. */
  readonly cpu: number
  /** Resident memory of podfit itself, bytes. */
  readonly memory: number
}

/** What the process uses while nothing happens. */
export async function measureIdle(pid: number, seconds: number): Promise<Idle> {
  const before = cpuTicks(pid)
  await sleep(seconds * 1000)
  // Linux counts in hundredths of a second.
  return { cpu: (cpuTicks(pid) - before) / 100 / seconds, memory: residentBytes(pid) }
}

function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}

function residentBytes(pid: number): number {
  const rss = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(rss?.[1]) * 1024
}
