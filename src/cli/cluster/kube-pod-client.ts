import { jsonAnswer } from '../../kube/client/json-answer.ts'
import { type KubeClient } from '../../kube/client/kube-client.ts'
import { isKubeError, type KubeError } from '../../kube/client/kube-error.ts'
import { listAll } from '../../kube/client/list-all.ts'
import { pods } from '../../kube/object/resource.ts'
import { statesOf } from '../../kube/watch/wait-for.ts'
import {
  type ApiRefusal,
  type PatchAnswer,
  type PodClient,
  type PodRef,
  type ReadAnswer,
} from '../../operate/cluster/pod-client.ts'
import { printableJson } from './printable.ts'

/** Codes that are a no to this request. Others (401, 429, 5xx) say that it could not be asked. */
const refusalCodes: ReadonlySet<number> = new Set([400, 403, 405, 409, 413, 415, 422])

function refusalFrom({ code, reason, message, details }: KubeError): ApiRefusal {
  return { code, reason, message, causes: details?.causes ?? [] }
}

/**
 * A 404 that names the pod means that there is none. Any other one means that the
 * server does not know the path: Kubernetes before 1.32 has no `pods/resize`.
 */
function answerToFailure(error: unknown, ref: PodRef): PatchAnswer {
  if (!isKubeError(error)) throw error
  if (error.code === 404) {
    return { kind: error.details?.name === ref.name ? 'missing' : 'noSubresource' }
  }
  if (refusalCodes.has(error.code)) return { kind: 'refused', refusal: refusalFrom(error) }
  throw error
}

/** Whether the server has `pods/resize`, by its discovery; undefined if that may not be asked. */
async function servesResize(client: KubeClient, signal: AbortSignal): Promise<boolean | undefined> {
  try {
    const response = await client.request({ method: 'GET', path: '/api/v1', signal })
    type Discovery = { readonly resources?: readonly { readonly name: string }[] }
    const { resources } = await jsonAnswer<Discovery>(response, client.server, signal)
    return resources?.some(({ name }) => name === 'pods/resize')
  } catch (error) {
    if (isKubeError(error)) return undefined
    throw error
  }
}

/** The pods behind a Kubernetes API client, in the words of `src/operate/`. What they say can be printed. */
export function kubePodClient(client: KubeClient): PodClient {
  let served: boolean | undefined

  /** Permissions are judged before paths: a server without `pods/resize` forbids it, too. */
  async function isUnknownPath(refusal: ApiRefusal, signal: AbortSignal): Promise<boolean> {
    if (refusal.code !== 403) return false
    served ??= await servesResize(client, signal)
    return served === false
  }

  return {
    async read(ref, signal): Promise<ReadAnswer> {
      try {
        return { kind: 'pod', pod: printableJson(await client.get(pods, ref, { signal })) }
      } catch (error) {
        if (isKubeError(error, 'NotFound')) return { kind: 'missing' }
        throw error
      }
    },
    async list(selection, signal) {
      return printableJson((await listAll(client, pods, { ...selection, signal })).items)
    },
    async patch(ref, body, { subresource, dryRun }, signal): Promise<PatchAnswer> {
      try {
        const address = { ...ref, subresource }
        const options = { dryRun, fieldManager: 'podfit', signal }
        const pod = await client.patch(pods, address, { type: 'strategic', body }, options)
        return { kind: 'pod', pod: printableJson(pod) }
      } catch (error) {
        const answer = printableJson(answerToFailure(error, ref))
        if (subresource === undefined || answer.kind !== 'refused') return answer
        return (await isUnknownPath(answer.refusal, signal)) ? { kind: 'noSubresource' } : answer
      }
    },
    async *watch(ref, signal) {
      for await (const pod of statesOf(client, pods, ref, signal)) {
        yield pod === undefined ? { kind: 'missing' } : { kind: 'pod', pod: printableJson(pod) }
      }
    },
  }
}
