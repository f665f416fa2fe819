/** A change to an object, in one of the ways that Kubernetes takes. */
export type Patch =
  /** RFC 7386: objects are merged, lists replaced, null deletes. */
  | { readonly type: 'merge'; readonly body: object }
  /** Kubernetes' own: lists of named things are merged by their key. Not for custom resources. */
  | { readonly type: 'strategic'; readonly body: object }
  /** RFC 6902: a list of operations. */
  | { readonly type: 'json'; readonly body: readonly object[] }
  /** Server-side apply: the fields that this field manager wants to own. Needs `fieldManager`. */
  | { readonly type: 'apply'; readonly body: object }

export const patchContentType = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
} as const satisfies Record<Patch['type'], string>
