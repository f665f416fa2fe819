/** What the stream of events tells. */
export type RuntimeEvent =
  /** From here on nothing is missed: what was before must be listed. */
  { readonly kind: 'subscribed' } | ContainerEvent

/** Of containers and sandboxes alike. */
export interface ContainerEvent {
  readonly kind: 'created' | 'started' | 'oom' | 'deleted' | 'exited'
  readonly containerId: string
}
