/** The same answers for `ms` milliseconds: for what many pods of a node have in common, or what takes long. */
export function rememberedShortly<T>(look: (path: string) => T, ms: number): (path: string) => T {
  const known = new Map<string, { readonly until: number; readonly value: T }>()
  return (path) => {
    const before = known.get(path)
    if (before !== undefined && performance.now() < before.until) return before.value
    const value = look(path)
    known.set(path, { until: performance.now() + ms, value })
    return value
  }
}
