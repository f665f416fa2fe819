import process from 'node:process'

/**
 * For tests of what a crash leaves behind: kills this process with SIGKILL at the
 * step that `PODFIT_CRASH_AT` names (`node.allocated.after`), or at its n-th time
 * (`node.actuated.before:3`). Without the variable steps cost nothing.
 */
export function crashPoint(
  crashAt: string | undefined = process.env['PODFIT_CRASH_AT'],
): (step: string) => void {
  if (crashAt === undefined || crashAt === '') return () => {}
  const [name, times = '1'] = crashAt.split(':')
  let left = Number(times)
  return (step) => {
    if (step !== name) return
    left -= 1
    if (left === 0) process.kill(process.pid, 'SIGKILL')
  }
}
