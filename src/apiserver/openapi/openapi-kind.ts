export interface GroupVersionKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

export interface OpenApiSubresource {
  readonly name: string
  readonly verbs: readonly string[]
  readonly responseKind?: GroupVersionKind
  /**
   * The schema of its body where it is not the kind's own: `core/v1.Binding`; `string` where
   * it takes none and answers with text.
   */
  readonly type?: string
}

/** What an OpenAPI document needs to know of a kind; a row of the kinds' table has it. */
export interface OpenApiKind extends GroupVersionKind {
  readonly plural: string
  readonly namespaced: boolean
  /** The schema's name: `core/v1.Pod`. */
  readonly type: string
  readonly verbs: readonly string[]
  readonly subresources?: readonly OpenApiSubresource[]
}
