import { timestamp } from '../domain/timestamp.ts'
import type { ServerParts } from './call.ts'
import type { KubeObject } from './kube-object.ts'
import type { Change } from './store/store.ts'

/** Makes the object where it is missing, and leaves it as it is where it is there. */
export async function ensureObject(
  { store, now }: ServerParts,
  resource: string,
  object: KubeObject,
): Promise<void> {
  const { name, namespace } = object.metadata
  const key = namespace === undefined ? name : `${namespace}/${name}`
  await store.write(resource, key, (latest): Change => {
    if (latest !== undefined) return { kind: 'keep' }
    const made = { uid: crypto.randomUUID(), creationTimestamp: timestamp(now()) }
    return { kind: 'put', object: { ...object, metadata: { ...object.metadata, ...made } } }
  })
}
