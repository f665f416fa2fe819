/**
 * Undefined if what it is about is gone, such as the cgroup of a container that has ended: the
 * news of that is on its way.
 */
export function unlessGone<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'notFound') return undefined
    throw error
  }
}
