import type { Pod } from '../domain/pod.ts'

/** Whether nothing of the pod runs any more, nor ever will. */
export function hasEnded({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed'
}
