import type { Call } from '../call.ts'
import { forbidden, notFound } from '../status-error.ts'

/**
 * Refuses new objects in a namespace that does not exist or is going away.
 *
 * @throws StatusError 404 or 403, as the NamespaceLifecycle admission does.
 */
export function checkNamespaceOpen(call: Call, name: string): void {
  const { kind, namespace } = call.target
  if (!kind.namespaced || namespace === undefined) return
  const found = call.server.store.collection('namespaces').get(namespace)
  if (found === undefined) throw notFound({ group: '', plural: 'namespaces' }, namespace)
  if (found.object.metadata.deletionTimestamp === undefined) return
  throw forbidden(
    kind,
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
    [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${namespace} is being terminated`,
        field: 'metadata.namespace',
      },
    ],
  )
}
