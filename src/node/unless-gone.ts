import { errorCode } from '../domain/error-code.ts'
/**
 * Undefined if what it is about is gone, such as the cgroup of a container that has ended: the
 * news of that is on its way.
 */
export function unlessGone<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch (error) {
    if (errorCode(error) === 'notFound') return undefined
    throw error
  }
}
