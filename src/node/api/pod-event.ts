import type { Pod } from '../../domain/pod.ts'
import type { PodEvent } from './api.ts'

/** The pod as the kubelet's messages name it: `NAME_NAMESPACE(UID)`. */
export function podText(pod: Pod): string {
  const { name, namespace, uid } = podOf(pod)
  return `${name}_${namespace}(${uid})`
}

/** The pod that an event is about. */
export function podOf({ metadata }: Pod): PodEvent['pod'] {
  return {
    name: metadata.name,
    namespace: metadata.namespace ?? 'default',
    uid: metadata.uid ?? '',
  }
}
