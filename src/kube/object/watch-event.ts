import type { KubeObject } from './kube-object.ts'

/** One line of a watch, as the wire has it. Errors are thrown instead. */
export type WatchEvent<T extends KubeObject = KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  /** Nothing changed up to the `resourceVersion` of this object, which has no other fields. */
  | { readonly type: 'BOOKMARK'; readonly object: KubeObject }
