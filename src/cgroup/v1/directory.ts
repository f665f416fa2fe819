import { CgroupError } from '../cgroup-error.ts'
import type { Hierarchies } from './hierarchies.ts'

/**
 * The directory of `path` under `controller`.
 *
 * @throws CgroupError `noFile` if that controller is not mounted.
 */
export function directoryOf(hierarchies: Hierarchies, controller: string, path: string): string {
  const root = hierarchies.byController.get(controller)
  if (root !== undefined) return root + path
  const message = `Cannot use the ${controller} controller of ${path}: this machine has not mounted it`
  throw new CgroupError('noFile', message, { path })
}
