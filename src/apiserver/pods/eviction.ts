import { answerCreated } from '../answer/answer.ts'
import { readTyped } from '../body/read-object.ts'
import { nameOf, type Call } from '../call.ts'
import { objectKey } from '../kind/kind.ts'
import { deleteOptionsIn } from '../rest/delete-options.ts'
import { removeObject } from '../rest/delete.ts'
import { isJsonObject } from '../schema/json-value.ts'
import { objectType } from '../schema/object-type.ts'
import { badRequest, notFound } from '../status-error.ts'

const eviction = {
  type: objectType('policy/v1.Eviction'),
  apiVersion: 'policy/v1',
  // What client-go's Pods().Evict and clients from before 1.22 send.
  alsoVersions: ['policy/v1beta1'],
  kind: 'Eviction',
}

/**
 * POST of pods/NAME/eviction: deletes the pod as `kubectl drain` wants it. Without
 * disruption budgets nothing stands in its way.
 *
 * @throws StatusError 400 for an Eviction of another name than the path's, or of none.
 * @see Kubernetes pkg/registry/core/pod/storage/eviction.go, EvictionREST.Create
 */
export async function evictPod(call: Call): Promise<Response> {
  const { kind, namespace } = call.target
  const name = nameOf(call)
  const body = await readTyped(call, eviction)
  const { metadata, deleteOptions } = body
  const named = isJsonObject(metadata) ? metadata['name'] : undefined
  if (named !== name) {
    throw badRequest('name in URL does not match name in Eviction object')
  }
  const key = objectKey(kind, namespace, name)
  if (call.server.store.latest('pods', key) === undefined) throw notFound(kind, name)
  const options = deleteOptionsIn(call, isJsonObject(deleteOptions) ? deleteOptions : {})
  await removeObject(call, name, options)
  return answerCreated(call)
}
