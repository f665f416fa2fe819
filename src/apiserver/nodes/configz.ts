import { nodes } from '../kinds/nodes.ts'
import { resourceId } from '../kinds/kind.ts'
import type { ServerParts } from '../rest/call.ts'
import { notFound, StatusError } from '../status-error.ts'

/**
 * `/api/v1/nodes/NAME/proxy/configz`: what the node is configured with, as the kubelet
 * answers through the API server's proxy. Nothing else of a node is passed on.
 *
 * @throws StatusError 404 for no such node, 503 while it is not connected.
 */
export function answerConfigz(
  { store }: Pick<ServerParts, 'store'>,
  name: string,
  configz: ((node: string) => object | undefined) | undefined,
): Response {
  if (store.collection(resourceId(nodes)).get(name) === undefined) throw notFound(nodes, name)
  const kubeletconfig = configz?.(name)
  if (kubeletconfig !== undefined) return Response.json({ kubeletconfig })
  throw new StatusError(503, 'ServiceUnavailable', `node ${name} is not connected`, {})
}
