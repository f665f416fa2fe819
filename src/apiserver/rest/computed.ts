import { answerList, answerObject } from '../answer/answer.ts'
import { nameOf, type Call } from '../call.ts'
import { objectKey, type Kind } from '../kind/kind.ts'
import type { KubeObject } from '../kube-object.ts'
import { notFound } from '../status-error.ts'
import { makeStored } from '../store/stored.ts'
import { filterOf } from './filter.ts'

export type Compute = NonNullable<Kind['computed']>

/** GET of a collection that is not stored but made when it is asked for. */
export async function listComputed(call: Call, compute: Compute): Promise<Response> {
  const filter = filterOf(call)
  const objects = await compute(call)
  const { kind } = call.target
  const items = objects
    .map((object) => storedAs(call, kind, object))
    .filter(filter.matches)
    .sort((a, b) => (a.key < b.key ? -1 : 1))
  return answerList(call, items, { resourceVersion: '' })
}

export async function getComputed(call: Call, compute: Compute): Promise<Response> {
  const { kind, namespace } = call.target
  const key = objectKey(kind, namespace, nameOf(call))
  const found = (await compute(call)).find((object) => storedAs(call, kind, object).key === key)
  if (found === undefined) throw notFound(kind, nameOf(call))
  return answerObject(call, found)
}

function storedAs({ server }: Call, kind: Kind, object: KubeObject) {
  const { name, namespace } = object.metadata
  return makeStored(objectKey(kind, namespace, name), object, server.store.version)
}
