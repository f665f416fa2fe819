import { answerList } from '../answer/answer.ts'
import type { Call } from '../call.ts'
import { resourceId } from '../kind/kind.ts'
import { StatusError } from '../status-error.ts'
import type { Stored } from '../store/stored.ts'
import { readDeleteOptions } from './delete-options.ts'
import { removeObject } from './delete.ts'
import { filterOf } from './filter.ts'

/** DELETE of a collection: each object as by itself. Answers with what was there. */
export async function deleteCollection(call: Call): Promise<Response> {
  const options = await readDeleteOptions(call)
  const filter = filterOf(call)
  const { store } = call.server
  const found = store
    .collection(resourceId(call.target.kind))
    .list(filter.prefix)
    .filter(filter.matches)
  await Promise.all(found.map((stored) => removeOne(call, stored, options)))
  return answerList(call, found, { resourceVersion: String(store.version) })
}

/** Somebody else may have removed it in the meantime, which is as good. */
async function removeOne(
  call: Call,
  stored: Stored,
  options: Parameters<typeof removeObject>[2],
): Promise<void> {
  const { name, namespace } = stored.object.metadata
  const target = namespace === undefined ? call.target : { ...call.target, namespace }
  try {
    await removeObject({ ...call, target }, name, options)
  } catch (error) {
    if (!(error instanceof StatusError && error.code === 404)) throw error
  }
}
