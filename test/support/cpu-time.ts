/** Milliseconds of CPU that this process uses for `act`: other processes do not make it more. */
export function cpuMsOf(act: () => unknown): number {
  const before = process.cpuUsage()
  act()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
