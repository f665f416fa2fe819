import { cpus, loadavg, release, totalmem } from 'node:os'

/** What the numbers were measured on; without what is busy besides they mean little. */
export interface Machine {
  readonly cores: number
  readonly model: string
  readonly memoryGib: number
  readonly kernel: string
  /** How many tasks wanted a core in the minute before. */
  readonly load: number
}

export function describeMachine(): Machine {
  const [first] = cpus()
  return {
    cores: cpus().length,
    model: first?.model ?? 'unknown',
    memoryGib: Math.round(totalmem() / 1024 ** 3),
    kernel: release(),
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  }
}

export function machineLine({ cores, model, memoryGib, kernel, load }: Machine): string {
  const busy = load > cores / 2 ? ': busy with something else, measure again later' : ''
  return `${cores} cores (${model}), ${memoryGib} GiB, Linux ${kernel}, load ${load}${busy}`
}
