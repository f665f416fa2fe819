import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { extract, type Extract } from 'tar-stream'
import { errorCode } from '../../domain/error-code.ts'
import { ContainerdError } from '../containerd-error.ts'
import { openArchive } from './open-archive.ts'

/** Largest index or manifest that is read. Real ones have some kilobytes. */
const largestIndex = 16 * 1024 * 1024

const wanted = new Set(['oci-layout', 'index.json', 'manifest.json'])

/** Entries of an OCI index and of a docker-save manifest, as far as somebody wrote them so. */
interface OciEntry {
  readonly annotations?: Readonly<Record<string, unknown>> | null
}

interface DockerEntry {
  readonly RepoTags?: readonly unknown[] | null
}

/**
 * The names of the images in an OCI or docker-save archive as they
 * are written there. Where an archive is both, the OCI index counts, as it
 * does for containerd.
 *
 * @throws ContainerdError `badArchive` if the file cannot be read, is no image
 * archive, or has an image without a name
 */
export async function namesInArchive(file: string): Promise<string[]> {
  const found = await readIndexes(file)
  const index = found.get('index.json') ?? Buffer.from('{}')
  const manifest = found.get('manifest.json')
  const names = found.has('oci-layout')
    ? objectsIn(ociManifests(parsed(file, index)))?.map(ociName)
    : manifest && objectsIn(parsed(file, manifest))?.flatMap(dockerNames)
  if (names === undefined) throw bad(file, 'it is neither an OCI nor a docker-save archive')
  const known = names.filter((name) => typeof name === 'string')
  if (known.length === 0 || known.length < names.length) {
    throw bad(file, 'an image in it has no name: save it as NAME:TAG')
  }
  return [...new Set(known)]
}

function ociManifests(index: unknown): unknown {
  return (index as { readonly manifests?: unknown } | null)?.manifests
}

/** Undefined for what is no list of objects. */
function objectsIn(value: unknown): readonly object[] | undefined {
  const isList =
    Array.isArray(value) && value.every((one) => typeof one === 'object' && one !== null)
  return isList ? (value as readonly object[]) : undefined
}

/** A tag alone (`latest`) names nothing. */
function ociName({ annotations }: OciEntry): string | undefined {
  const name =
    annotations?.['io.containerd.image.name'] ?? annotations?.['org.opencontainers.image.ref.name']
  return typeof name === 'string' && /[/:@]/.test(name) ? name : undefined
}

function dockerNames({ RepoTags }: DockerEntry): readonly unknown[] {
  return Array.isArray(RepoTags) ? RepoTags : [undefined]
}

async function readIndexes(file: string): Promise<Map<string, Buffer>> {
  try {
    const archive = extract()
    const source = await openArchive(file)
    const [found] = await Promise.all([keepIndexes(archive), pipeline(source, archive)])
    return found
  } catch (error) {
    throw bad(file, whyUnreadable(error), error)
  }
}

function whyUnreadable(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  if (message.startsWith('Invalid tar header')) return 'it is no tar archive'
  return errorCode(error) === 'EISDIR' ? 'it is a directory' : message
}

async function keepIndexes(archive: Extract): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>()
  for await (const entry of archive) {
    const name = entry.header.name.replace(/^\.\//, '')
    if (wanted.has(name) && (entry.header.size ?? 0) <= largestIndex) {
      found.set(name, await buffer(entry))
    } else {
      entry.resume()
    }
  }
  return found
}

function parsed(file: string, data: Buffer): unknown {
  try {
    return JSON.parse(data.toString('utf8'))
  } catch (error) {
    throw bad(file, 'its index is not JSON', error)
  }
}

function bad(file: string, why: string, cause?: unknown): ContainerdError {
  return new ContainerdError('badArchive', 'never', `Cannot load ${file}: ${why}`, cause)
}
