/** Where a unit of systemd stands: `active`, `inactive`, `failed` and some on the way. */
export interface UnitState {
  readonly active: string
  /** Whether a job of it waits or runs; its answer came before that is done. */
  readonly hasJob: boolean
}

/** The D-Bus path of a unit, in which all but letters and digits are escaped. */
export function unitPath(unit: string): string {
  const escaped = unit.replaceAll(/[^A-Za-z0-9]|^\d/g, (one) => {
    return `_${one.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
  return `/org/freedesktop/systemd1/unit/${escaped}`
}

/**
 * What `busctl --json=short get-property` prints of a unit's `ActiveState` and `Job`.
 *
 * @throws Error if it is something else
 */
export function parseUnitState(text: string): UnitState {
  const [active, job] = text.split('\n').map((line) => /^\{.*"data":(.+)\}$/.exec(line)?.[1])
  const name = /^"(\w+)"$/.exec(active ?? '')?.[1]
  const id = /^\[(\d+),/.exec(job ?? '')?.[1]
  if (name === undefined || id === undefined) throw new Error(`busctl prints '${text.trim()}'`)
  return { active: name, hasJob: id !== '0' }
}

/**
 * Looks until the unit is active. A unit has its job until that is over, so nothing is missed
 * between two looks.
 *
 * @param pause waits between two looks, and gives the milliseconds since the first
 * @throws Error if the job ends otherwise, or goes on for more than `withinMs`
 */
export async function untilActive(
  look: () => Promise<UnitState>,
  pause: () => Promise<number>,
  withinMs: number,
): Promise<void> {
  for (;;) {
    const { active, hasJob } = await look()
    if (!hasJob && active === 'active') return
    if (!hasJob) throw new Error(`its job is over, and it is ${active}`)
    const ms = await pause()
    if (ms > withinMs) throw new Error(`its job timed out: it is ${active} after ${ms} ms`)
  }
}
