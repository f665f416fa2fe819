import type { KubeMeta } from '../kube-object.ts'

/** What a client has a say in of an object's metadata; its namespace is that of the path. */
export function ofClient(submitted: KubeMeta): KubeMeta {
  const {
    managedFields: _managedFields,
    deletionTimestamp: _deletionTimestamp,
    deletionGracePeriodSeconds: _deletionGracePeriodSeconds,
    generation: _generation,
    namespace: _namespace,
    selfLink: _selfLink,
    ...kept
  } = submitted as KubeMeta & { readonly selfLink?: string }
  return kept
}
