import { jsonAnswer } from '../../kube/client/json-answer.ts'
import type { KubeClient } from '../../kube/client/kube-client.ts'
import { isKubeError } from '../../kube/client/kube-error.ts'
import { listAll } from '../../kube/client/list-all.ts'
import type { KubeObject } from '../../kube/object/kube-object.ts'
import { nodes } from '../../kube/object/resource.ts'
import { allInOrder } from '../../operate/all-in-order.ts'
import type { NodeAnswer, ServerFacts } from '../../operate/check/server-facts.ts'
import { inParallel } from '../../operate/in-parallel.ts'
import { neededAccess, type Access } from '../../operate/check/needed-access.ts'
import { readKubeletWithCgroups } from './kube-kubelet.ts'
import { requestsAtOnce } from './targets.ts'

interface Node extends KubeObject {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
    readonly nodeInfo?: {
      readonly kubeletVersion?: string
      readonly containerRuntimeVersion?: string
      readonly operatingSystem?: string
    }
  }
}

async function json<T>(client: KubeClient, path: string, signal: AbortSignal): Promise<T> {
  return jsonAnswer(await client.request({ method: 'GET', path, signal }), client.server, signal)
}

function refusal(error: unknown): string {
  if (isKubeError(error) && error.code >= 400 && error.code < 500) return error.message
  throw error
}

/** Asks a server about itself, about this user's permissions, and about its nodes. */
export async function readServerFacts(
  client: KubeClient,
  namespace: string,
  { deep }: { readonly deep: boolean },
  signal: AbortSignal,
): Promise<ServerFacts> {
  const began = performance.now()
  const { gitVersion = '' } = await json<{ gitVersion?: string }>(client, '/version', signal)
  const answeredInMs = performance.now() - began
  const core = await json<{ resources?: readonly { name: string; verbs: readonly string[] }[] }>(
    client,
    '/api/v1',
    signal,
  )
  const verbs = new Map((core.resources ?? []).map(({ name, verbs }) => [name, verbs] as const))
  const [access, found] = await allInOrder([
    inParallel(neededAccess(verbs.has('pods/resize')), requestsAtOnce, async (one) => ({
      ...one,
      allowed: await isAllowed(client, one, namespace, signal),
    })),
    readNodes(client, deep, signal),
  ])
  return { server: client.server, gitVersion, answeredInMs, verbs, access, nodes: found }
}

/** Undefined where the server knows no access reviews. */
async function isAllowed(
  client: KubeClient,
  { verb, group, resource, clusterWide }: Access,
  namespace: string,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const [plural, subresource] = resource.split('/')
  const attributes = {
    verb,
    ...(group === undefined ? {} : { group }),
    resource: plural,
    ...(subresource === undefined ? {} : { subresource }),
    ...(clusterWide ? {} : { namespace }),
  }
  try {
    const response = await client.request({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: attributes },
      },
      signal,
    })
    type Review = { readonly status?: { readonly allowed?: boolean } }
    const { status } = await jsonAnswer<Review>(response, client.server, signal)
    return status?.allowed === true
  } catch (error) {
    refusal(error)
    return undefined
  }
}

async function readNodes(
  client: KubeClient,
  deep: boolean,
  signal: AbortSignal,
): Promise<ServerFacts['nodes']> {
  try {
    const { items } = await listAll(client, nodes, { signal })
    return await inParallel(items as readonly Node[], requestsAtOnce, async (node) =>
      nodeAnswer(
        node,
        deep
          ? await readKubeletWithCgroups(client, node.metadata.name, signal)
          : { why: 'not asked' },
      ),
    )
  } catch (error) {
    return { why: refusal(error) }
  }
}

function nodeAnswer({ metadata, status }: Node, kubelet: NodeAnswer['kubelet']): NodeAnswer {
  const { nodeInfo, conditions = [] } = status ?? {}
  return {
    name: metadata.name,
    kubeletVersion: nodeInfo?.kubeletVersion ?? '',
    runtimeVersion: nodeInfo?.containerRuntimeVersion ?? '',
    os: nodeInfo?.operatingSystem ?? 'linux',
    ready: conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
    kubelet,
  }
}
