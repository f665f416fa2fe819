import { answerStored } from '../answer/answer.ts'
import { nameOf, type Call } from '../call.ts'
import { objectKey, resourceId } from '../kind/kind.ts'
import { readResourceVersion } from '../query/resource-version.ts'
import { notFound, versionTooLarge } from '../status-error.ts'
import type { Stored } from '../store/stored.ts'

/** The committed object that the path names. */
export function findObject(call: Call): Stored {
  const { kind, namespace } = call.target
  const name = nameOf(call)
  const key = objectKey(kind, namespace, name)
  const found = call.server.store.collection(resourceId(kind)).get(key)
  if (found === undefined) throw notFound(kind, name)
  return found
}

/** GET of one object, also of a subresource that shows the whole object. */
export function getObject(call: Call): Promise<Response> {
  const { store } = call.server
  const version = readResourceVersion(call.query) ?? 0n
  if (version > store.version) throw versionTooLarge(version, store.version)
  return answerStored(call, findObject(call))
}
