/** An image as far as starting a container from it goes. */
export interface RuntimeImage {
  readonly repoDigests: readonly string[]
  /** Bytes. */
  readonly size: number
  /** The user that the image runs as, by number or by name; both absent is root. */
  readonly uid?: number
  readonly username?: string
}
