/** Readers of the texts that cgroup files hold. Broken or cut texts give 0 or nothing, never an exception. */

/** Lines of `name value` (`memory.stat`, `cpu.stat`, `memory.events`). */
export function keyedNumbers(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ')
    const value = Number(line.slice(space + 1))
    if (space > 0 && Number.isFinite(value)) found.set(line.slice(0, space), value)
  }
  return found
}

/** A whole number, 0 or more. Numbers above 2^53 - 1 (`9223372036854771712`) come as that. */
export function countIn(text: string | undefined): number {
  const value = Math.trunc(Number(text))
  if (!(value > 0)) return 0
  return Math.min(value, Number.MAX_SAFE_INTEGER)
}

/** How many CPUs a list names: 4 for `0-2,7`. A broken list has none. */
export function cpusInList(text: string): number {
  return text.split(',').reduce((count, part) => {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part.trim()) ?? []
    return first === undefined ? count : count + Math.max(0, Number(last) - Number(first) + 1)
  }, 0)
}

/** Process ids, one a line. 0 (a process outside our PID namespace) is left out. */
export function processIds(text: string): readonly number[] {
  return text
    .split('\n')
    .map(Number)
    .filter((pid) => Number.isSafeInteger(pid) && pid > 0)
}
