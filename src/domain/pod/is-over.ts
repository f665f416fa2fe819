import type { PodStatus } from './pod-status.ts'

/** Whether a pod has ended, by its phase: nothing of it runs any more, and it needs no room. */
export function isOver(status: Pick<PodStatus, 'phase'> | undefined): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed'
}
