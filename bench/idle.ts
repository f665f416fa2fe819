import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMs } from './cpu-time.ts'

export interface Idle {
  /** Share of one core, 0.03 is 3 %. */
  readonly cpu: number
  /** Resident memory of podfit itself, bytes. */
  readonly memory: number
}

/** What the process uses while nothing happens. */
export async function measureIdle(pid: number, seconds: number): Promise<Idle> {
  const before = cpuMs(pid)
  await sleep(seconds * 1000)
  return { cpu: (cpuMs(pid) - before) / (seconds * 1000), memory: residentBytes(pid) }
}

function residentBytes(pid: number): number {
  const rss = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(rss?.[1]) * 1024
}
