import type { Pod } from '../domain/pod.ts'
import type { PodEvent } from './api.ts'

/** The pod that an event is about. */
export function podOf({ metadata }: Pod): PodEvent['pod'] {
  return {
    name: metadata.name,
    namespace: metadata.namespace ?? 'default',
    uid: metadata.uid ?? '',
  }
}
