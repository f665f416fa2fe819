import { resourceId } from '../kinds/kind.ts'
import { nodes } from '../kinds/nodes.ts'
import type { ServerParts } from '../rest/call.ts'
import { notFound, StatusError, unknownPath } from '../status-error.ts'

/** What a node tells of itself, as a kubelet does at these paths. */
export interface ConnectedNode {
  /** `/configz`, in the words of kubelet.config.k8s.io. */
  readonly configuration: object
  /** `/metrics`, in the text form of Prometheus. */
  readonly metrics: { readonly registry: { metrics(): Promise<string>; contentType: string } }
}

/**
 * `/api/v1/nodes/NAME/proxy/configz` and `metrics`. Nothing else of a node is passed on.
 *
 * @throws StatusError 404 for no such node or path, 503 while the node is not connected.
 */
export async function proxyToNode(
  { store }: Pick<ServerParts, 'store'>,
  name: string,
  path: string,
  connected: ((name: string) => ConnectedNode | undefined) | undefined,
): Promise<Response> {
  if (store.collection(resourceId(nodes)).get(name) === undefined) throw notFound(nodes, name)
  if (path !== 'configz' && path !== 'metrics') throw unknownPath()
  const node = connected?.(name)
  if (node === undefined) {
    throw new StatusError(503, 'ServiceUnavailable', `node ${name} is not connected`, {})
  }
  if (path === 'configz') return Response.json({ kubeletconfig: node.configuration })
  const { registry } = node.metrics
  return new Response(await registry.metrics(), {
    headers: { 'content-type': registry.contentType },
  })
}
