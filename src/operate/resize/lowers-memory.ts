import { sizeOf } from '../../domain/resources/size.ts'
import { containerNamed } from '../containers.ts'
import type { PreparedResize } from './prepare-resize.ts'

/** Whether the memory limit comes down: from the one that is asked for now, or that is still held. */
export function lowersMemory({
  change: { container, before, after },
  read,
}: Pick<PreparedResize, 'change' | 'read'>): boolean {
  const limit = after.memoryLimit
  if (limit === undefined) return false
  if (before.memoryLimit === undefined || limit < before.memoryLimit) return true
  const status = container === undefined ? undefined : containerNamed(read, container)?.status
  return limit < (sizeOf(status?.resources).memoryLimit ?? 0)
}
