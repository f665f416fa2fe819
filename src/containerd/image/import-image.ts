import { execFile } from 'node:child_process'
import { pipeline, type Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { createCriRuntime } from '../../cri/create-cri-runtime.ts'
import { fullImageName } from '../../domain/image/image-name.ts'
import type { Snapshotter } from '../containerd-config.ts'
import { ContainerdError } from '../containerd-error.ts'
import { namesInArchive } from './archive-names.ts'
import { openArchive } from './open-archive.ts'

const run = promisify(execFile)

/** A containerd whose CRI images can be added to. */
export interface ImageStore {
  readonly endpoint: string
  /** Path of containerd's own client. */
  readonly ctr: string
  /** For which snapshotter to unpack. @default containerd's default, overlayfs */
  readonly snapshotter?: Snapshotter
}

/**
 * Adds the images of an OCI or docker-save archive (plain, gzip or zstd) to a
 * containerd, and waits until its CRI knows them. Images of the same names are replaced; containers
 * that use them keep the old ones.
 *
 * @returns the full names: `docker.io/library/busybox:latest`
 * @throws ContainerdError `badArchive`, `importFailed` with containerd's text
 */
export async function importImage(store: ImageStore, file: string): Promise<string[]> {
  const names = await namesInArchive(file)
  const { snapshotter } = store
  const unpack = snapshotter === undefined ? [] : ['--snapshotter', snapshotter]
  await ctr(store, file, ['images', 'import', ...unpack, '-'], await openArchive(file))
  for (const name of names.filter((name) => name !== fullImageName(name))) {
    await tagFully(store, file, name)
  }
  const full = [...new Set(names.map(fullImageName))]
  await waitUntilKnown(store, file, full)
  return full
}

/** containerd completes the names of docker-save archives, but not those of OCI archives. */
async function tagFully(store: ImageStore, file: string, name: string): Promise<void> {
  const listed = await ctr(store, file, ['images', 'list', '--quiet', `name==${name}`])
  if (listed.trim() === '') return
  await ctr(store, file, ['images', 'tag', '--force', name, fullImageName(name)])
}

async function ctr(
  store: ImageStore,
  file: string,
  args: readonly string[],
  input?: Readable,
): Promise<string> {
  const address = store.endpoint.replace(/^unix:\/\//, '')
  const all = ['--address', address, '--namespace', 'k8s.io', ...args]
  try {
    const running = run(store.ctr, all, { maxBuffer: 64 * 1024 * 1024 })
    const { stdin } = running.child
    // ctr may end before it has read all; its own text then tells more than EPIPE.
    if (stdin !== null) pipeline(input ?? [], stdin, () => {})
    return (await running).stdout
  } catch (error) {
    throw failed(file, textOf(error), error)
  }
}

/** What ctr says, without its name and the usage that it may print. */
function textOf(error: unknown): string {
  const stderr = (error as { readonly stderr?: string }).stderr ?? ''
  const line = stderr.split('\n').find((line) => line.startsWith('ctr: '))
  return line?.slice('ctr: '.length) ?? (stderr.trim() || String(error))
}

/** CRI learns of an image by an event, some milliseconds after the import. */
async function waitUntilKnown(
  store: ImageStore,
  file: string,
  names: readonly string[],
): Promise<void> {
  using cri = createCriRuntime({ endpoint: store.endpoint })
  const deadline = performance.now() + 10_000
  for (const name of names) {
    while ((await cri.imageStatus(name)) === undefined) {
      if (performance.now() > deadline) throw failed(file, `the runtime does not list ${name}`)
      await setTimeout(5)
    }
  }
}

function failed(file: string, why: string, cause?: unknown): ContainerdError {
  return new ContainerdError('importFailed', 'later', `Cannot load ${file}: ${why}`, cause)
}
