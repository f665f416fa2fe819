import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'

/** One thing in a tar archive. Owned by root, without a time. */
export type ArchiveEntry =
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number }
  | {
      readonly kind: 'file'
      readonly path: string
      readonly mode: number
      readonly content: Buffer
    }
  | { readonly kind: 'link'; readonly path: string; readonly to: string }

/** An image as its config describes it. */
export interface ImageSource {
  /** Full name with tag, `docker.io/library/busybox:latest`. */
  readonly name: string
  readonly entrypoint?: readonly string[]
  readonly command?: readonly string[]
  readonly env?: readonly string[]
  /** In the words of Go: amd64, arm64. @default this machine's */
  readonly architecture?: string
}

interface Blob {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly data: Buffer
}

/**
 * An OCI image layout, as a tar archive, of images that share one layer. The
 * same input gives the same bytes.
 *
 * @see https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
export async function imageArchive(
  layerEntries: readonly ArchiveEntry[],
  sources: readonly ImageSource[],
): Promise<Buffer> {
  const layer = blob('application/vnd.oci.image.layer.v1.tar', await tar(layerEntries))
  const images = sources.map((source) => image(source, layer))
  const index = { schemaVersion: 2, manifests: images.map(({ entry }) => entry) }
  const blobs = [layer, ...images.flatMap(({ blobs }) => blobs)]
  return tar([
    file('oci-layout', json({ imageLayoutVersion: '1.0.0' })),
    file('index.json', json(index)),
    { kind: 'directory', path: 'blobs', mode: 0o755 },
    { kind: 'directory', path: 'blobs/sha256', mode: 0o755 },
    ...blobs.map(({ digest, data }) => file(`blobs/${digest.replace(':', '/')}`, data)),
  ])
}

function image(source: ImageSource, layer: Blob) {
  const config = jsonBlob('application/vnd.oci.image.config.v1+json', imageConfig(source, layer))
  const manifest = jsonBlob('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptor(config),
    layers: [descriptor(layer)],
  })
  const annotations = {
    'io.containerd.image.name': source.name,
    'org.opencontainers.image.ref.name': source.name,
  }
  return { blobs: [config, manifest], entry: { ...descriptor(manifest), annotations } }
}

function imageConfig(source: ImageSource, layer: Blob) {
  const { entrypoint, command } = source
  return {
    architecture: source.architecture ?? goArchitecture(process.arch),
    os: 'linux',
    config: {
      Env: source.env ?? [],
      ...(entrypoint === undefined ? {} : { Entrypoint: entrypoint }),
      ...(command === undefined ? {} : { Cmd: command }),
    },
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
    history: [{ created_by: 'podfit' }],
  }
}

/** Go's name for a processor, which images use, by Node's: x64 is amd64. */
export function goArchitecture(arch: string): string {
  const names: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' }
  return names[arch] ?? arch
}

function blob(mediaType: string, data: Buffer): Blob {
  const digest = `sha256:${createHash('sha256').update(data).digest('hex')}`
  return { mediaType, digest, size: data.length, data }
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value))
}

function jsonBlob(mediaType: string, value: unknown): Blob {
  return blob(mediaType, json(value))
}

function descriptor({ mediaType, digest, size }: Blob) {
  return { mediaType, digest, size }
}

function file(path: string, content: Buffer): ArchiveEntry {
  return { kind: 'file', path, mode: 0o644, content }
}

function tar(entries: readonly ArchiveEntry[]): Promise<Buffer> {
  const archive = pack()
  for (const entry of entries) {
    const common = { name: entry.path, mtime: new Date(0), uid: 0, gid: 0 }
    switch (entry.kind) {
      case 'directory':
        archive.entry({ ...common, type: 'directory', mode: entry.mode })
        break
      case 'file':
        archive.entry({ ...common, mode: entry.mode }, entry.content)
        break
      case 'link':
        archive.entry({ ...common, type: 'symlink', linkname: entry.to, mode: 0o777 })
        break
      default:
        entry satisfies never
    }
  }
  archive.finalize()
  return buffer(archive)
}
