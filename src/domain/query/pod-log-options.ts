/** What a client may ask of a container's log: the query of `pods/NAME/log`. */
export interface PodLogOptions {
  readonly follow: boolean
  /** The log of the run before the last restart. */
  readonly previous: boolean
  readonly timestamps: boolean
  readonly tailLines?: number
  readonly sinceSeconds?: number
  /** RFC 3339. */
  readonly sinceTime?: string
  readonly limitBytes?: number
}
