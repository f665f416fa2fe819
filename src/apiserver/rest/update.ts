import { readObject } from '../body/read-object.ts'
import { nameOf, type Call } from '../call.ts'
import { objectKey, resourceId } from '../kind/kind.ts'
import { changeObject, type Accept } from './change.ts'
import { checkName } from './check-name.ts'
import { storeNew } from './create.ts'

/** PUT of an object or of a subresource that shows the whole object. */
export async function updateObject(call: Call, accept: Accept): Promise<Response> {
  const { kind, namespace, subresource } = call.target
  const submitted = await readObject(call)
  checkName(call, submitted.metadata)
  if (kind.createOnUpdate && subresource === undefined) {
    const key = objectKey(kind, namespace, nameOf(call))
    const found = call.server.store.collection(resourceId(kind)).get(key)
    if (found === undefined) return storeNew(call, submitted)
  }
  return changeObject(call, () => submitted, accept)
}
