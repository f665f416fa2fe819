import { appendFileSync, readFileSync } from 'node:fs'
import process from 'node:process'

type OnStep = (step: string) => void

/** For tests of what a crash leaves behind; all unset in ordinary life, and steps cost nothing. */
export interface CrashEnvironment {
  /**
   * Where this process gets SIGKILL: at a step (`node.allocated.after`), at its n-th
   * time (`node.actuated.before:3`), or at what the file says by then (`@/tmp/crash-at`),
   * so that a test names the step when everything is set up.
   */
  readonly PODFIT_CRASH_AT?: string | undefined
  /** A file that gets a line for each step, so that a test knows which there are. */
  readonly PODFIT_STEPS_FILE?: string | undefined
}

/** What is to be called at each named step of the story. */
export function crashPoint(env: CrashEnvironment = process.env): OnStep {
  const { PODFIT_CRASH_AT: crashAt = '', PODFIT_STEPS_FILE: stepsFile = '' } = env
  const crash = crashAt === '' ? undefined : killAt(crashAt)
  if (crash === undefined && stepsFile === '') return () => {}
  return (step) => {
    if (stepsFile !== '') appendFileSync(stepsFile, `${step}\n`)
    crash?.(step)
  }
}

/** Times are counted from when the step is first named. */
function killAt(crashAt: string): OnStep {
  let wanted = ''
  let left = 0
  return (step) => {
    const now = crashAt.startsWith('@') ? textOf(crashAt.slice(1)) : crashAt
    const [name, times = '1'] = now.split(':')
    if (now !== wanted) left = Number(times)
    wanted = now
    if (step !== name) return
    left -= 1
    if (left === 0) process.kill(process.pid, 'SIGKILL')
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return ''
  }
}
