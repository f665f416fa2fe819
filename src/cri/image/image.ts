import type { Image as Wire } from '../generated/runtime/v1/image_pb.ts'

export interface Image {
  /** Digest of the image's config. */
  readonly id: string
  /** Full names with tags: `docker.io/library/busybox:latest`. */
  readonly repoTags: readonly string[]
  readonly repoDigests: readonly string[]
  /** Bytes, compressed as stored. */
  readonly size: number
  /** The user that the image runs as, by number or by name; both absent is root. */
  readonly uid?: number
  readonly username?: string
}

/** How to log in to a registry. */
export interface RegistryAuth {
  readonly username?: string
  readonly password?: string
  /** Base64 of `username:password`, as in a Docker config file. */
  readonly auth?: string
  readonly serverAddress?: string
  readonly identityToken?: string
  readonly registryToken?: string
}

export function imageFromWire(wire: Wire): Image {
  return {
    id: wire.id,
    repoTags: wire.repoTags,
    repoDigests: wire.repoDigests,
    size: Number(wire.size),
    ...(wire.uid === undefined ? {} : { uid: Number(wire.uid.value) }),
    ...(wire.username === '' ? {} : { username: wire.username }),
  }
}
