import type { WeightFormula } from './cpu.ts'

/** The releases from which the two runtimes make CPU weights by the quadratic formula. */
const quadraticFrom: Readonly<Record<string, readonly [number, number, number]>> = {
  runc: [1, 3, 2],
  crun: [1, 23, 0],
}

/**
 * By which formula an OCI runtime makes CPU weights, from what its `--version` prints:
 * `runc version 1.1.5+ds1`, `crun version 1.14.1`. Undefined for others.
 *
 * @see opencontainers/runc#4785, containers/crun#1721
 */
export function formulaOfVersion(text: string): WeightFormula | undefined {
  const [, name = '', ...numbers] =
    /^(runc|crun) version (\d+)\.(\d+)(?:\.(\d+))?/m.exec(text) ?? []
  const from = quadraticFrom[name]
  if (from === undefined) return undefined
  const version = numbers.map((one: string | undefined) => Number(one ?? 0))
  const index = from.findIndex((number, place) => number !== version[place])
  const isNew = index === -1 || (version[index] ?? 0) > (from[index] ?? 0)
  // Candidates of 1.3.2 and of 1.23.0 are none that anybody runs.
  return isNew ? 'quadratic' : 'linear'
}
