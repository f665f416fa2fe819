/**
 * Does for all of them what one that fails must not keep from the others.
 *
 * @throws what the first that failed has thrown, when all were tried
 */
export function tryAll<T>(all: Iterable<T>, act: (one: T) => void): void {
  const failures: { readonly error: unknown }[] = []
  for (const one of all) {
    try {
      act(one)
    } catch (error) {
      failures.push({ error })
    }
  }
  if (failures[0] !== undefined) throw failures[0].error
}
