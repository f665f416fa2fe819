/**
 * For whatever starts or ends containers.
 *
 * @param act what cannot be done without root: `start`.
 * @throws Error with one line if this process is not root's.
 */
export function requireRoot(act: string): void {
  if (process.getuid?.() === 0) return
  throw new Error(`Cannot ${act}: containers and cgroups need root; run with sudo`)
}
