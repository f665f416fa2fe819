import { nameOf, type Call } from '../call.ts'
import type { KubeMeta } from '../kube-object.ts'
import { badRequest } from '../status-error.ts'
import { namespaceOf } from './create.ts'

/**
 * Checks that a submitted object is the one that the path names.
 *
 * @throws StatusError 400 for one without a name, and one of another name or namespace.
 * @see Kubernetes apiserver/pkg/endpoints/handlers/rest.go, checkName
 */
export function checkName(call: Call, { name = '', ...metadata }: Partial<KubeMeta>): void {
  const { kind, namespace } = call.target
  const wanted = nameOf(call)
  if (kind.namespaced) namespaceOf(metadata, namespace)
  if (name === '') {
    throw badRequest(
      `the name of the object (${wanted} based on URL) was undeterminable: name must be provided`,
    )
  }
  if (name !== wanted) {
    throw badRequest(
      `the name of the object (${name}) does not match the name on the URL (${wanted})`,
    )
  }
}
