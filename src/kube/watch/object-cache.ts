import { objectKey, type KubeObject } from '../object/kube-object.ts'

/** Told of every change, in order. Objects are shared with the cache and must not be changed. */
export interface ObjectHandlers<T extends KubeObject> {
  readonly onAdd?: (object: T) => void
  readonly onUpdate?: (object: T, old: T) => void
  /** With the last state that was seen. */
  readonly onDelete?: (object: T) => void
}

/** The objects of a collection as far as they are known, and who wants to know of changes. */
export interface ObjectCache<T extends KubeObject> {
  /** By `namespace/name`. */
  readonly objects: ReadonlyMap<string, T>
  set(object: T): void
  delete(object: T): void
  /** Takes a whole list: what is not in it was deleted unseen. */
  replace(objects: readonly T[]): void
}

/** `onError` hears of handlers that throw; they keep nobody from the next change. */
export function createObjectCache<T extends KubeObject>(
  handlers: ObjectHandlers<T>,
  onError: (error: unknown) => void,
): ObjectCache<T> {
  const objects = new Map<string, T>()

  function tell(call: () => void): void {
    try {
      call()
    } catch (error) {
      onError(error)
    }
  }

  function add(key: string, object: T): void {
    objects.set(key, object)
    tell(() => handlers.onAdd?.(object))
  }

  function remove(key: string, object: T): void {
    if (objects.delete(key)) tell(() => handlers.onDelete?.(object))
  }

  function set(object: T): void {
    const key = objectKey(object)
    const old = objects.get(key)
    if (old === undefined) return add(key, object)
    if (old.metadata.uid !== object.metadata.uid) {
      // Another object of the same name: the old one was deleted unseen.
      remove(key, old)
      return add(key, object)
    }
    if (old.metadata.resourceVersion === object.metadata.resourceVersion) return
    objects.set(key, object)
    tell(() => handlers.onUpdate?.(object, old))
  }

  return {
    objects,
    set,
    delete: (object) => remove(objectKey(object), object),
    replace(list) {
      const present = new Set(list.map(objectKey))
      for (const [key, object] of objects) if (!present.has(key)) remove(key, object)
      for (const object of list) set(object)
    },
  }
}
