import { lstat, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sources } from '../../domain/lifecycle/environment.ts'
import { filesOfVolume, type VolumeFiles } from '../../domain/lifecycle/volume-files.ts'
import type { Pod } from '../../domain/pod.ts'
import { podSize } from '../../domain/resources/pod-resources.ts'
import type { Bytes } from '../../domain/units.ts'
import type { Volume } from '../../domain/pod/volume.ts'
import { writeAtomically } from './atomic-files.ts'
import { prepareEmptyDir } from './empty-dir.ts'
import { prepareHostPath } from './host-path.ts'
import { unmountBelow } from './mount.ts'
import { bindSubPath, removeSubPaths } from './sub-path.ts'
import { setUpFailed, VolumeError } from './volume-error.ts'

/** Where parts of volumes are shown, below a pod's directory. */
const subPaths = 'volume-subpaths'

/** The volumes of all pods on this node, each pod's below a directory of its own. */
export class PodVolumes {
  readonly #podsDir: string
  readonly #nodeMemory: Bytes
  /** What was written last, by pod UID and volume. */
  readonly #written = new Map<string, Map<string, VolumeFiles>>()

  constructor(podsDir: string, nodeMemory: Bytes) {
    this.#podsDir = podsDir
    this.#nodeMemory = nodeMemory
  }

  /** The directory of one pod. */
  podDir(uid: string): string {
    return join(this.#podsDir, uid)
  }

  /**
   * Makes every volume of the pod ready to be mounted. Doing it twice is harmless.
   *
   * @throws VolumeError for a kind of volume that this node does not have, or one
   * whose source is not there.
   */
  async prepare(sources: Sources): Promise<void> {
    for (const volume of sources.pod.spec.volumes ?? []) {
      const result = filesOfVolume(volume, sources)
      if (result.kind === 'missing') throw setUpFailed(volume.name, result.message)
      if (result.kind === 'files') await this.#write(sources.pod, volume.name, result.files)
      else await this.#prepareDirectory(sources.pod, volume)
    }
  }

  /** Rewrites the files that have changed since. A source that is gone leaves its files as they are. */
  async refresh(sources: Sources): Promise<void> {
    for (const volume of sources.pod.spec.volumes ?? []) {
      const result = filesOfVolume(volume, sources)
      if (result.kind === 'files') await this.#write(sources.pod, volume.name, result.files)
    }
  }

  /**
   * What a container has to mount to see a volume, or a part of it.
   *
   * @param key tells the container's mounts apart: `CONTAINER/INDEX`.
   * @throws VolumeError
   */
  async source(pod: Pod, name: string, subPath: string, key: string): Promise<string> {
    const volume = pod.spec.volumes?.find((one) => one.name === name)
    if (volume === undefined) throw new VolumeError(`the pod has no volume ${name}`)
    const whole = this.#pathOf(pod, volume)
    if (subPath === '') return whole
    const target = join(this.podDir(pod.metadata.uid ?? ''), subPaths, name, key)
    await bindSubPath(whole, subPath, target)
    return target
  }

  /** Removes what the volumes of a pod that has ended hold; its containers' last words stay. */
  async empty(uid: string): Promise<void> {
    this.#written.delete(uid)
    await removeSubPaths(join(this.podDir(uid), subPaths))
    await removeWhole(join(this.podDir(uid), 'volumes'))
  }

  /** Removes what the pod's volumes hold, and nothing that is only mounted there. */
  async remove(uid: string): Promise<void> {
    this.#written.delete(uid)
    await removeSubPaths(join(this.podDir(uid), subPaths))
    await removeWhole(this.podDir(uid))
  }

  #pathOf(pod: Pod, volume: Volume): string {
    return (
      volume.hostPath?.path ?? join(this.podDir(pod.metadata.uid ?? ''), 'volumes', volume.name)
    )
  }

  async #prepareDirectory(pod: Pod, volume: Volume): Promise<void> {
    const path = this.#pathOf(pod, volume)
    if (volume.hostPath !== undefined) return prepareHostPath(volume.name, volume.hostPath)
    if (volume.emptyDir === undefined) {
      const kind = Object.keys(volume).find((key) => key !== 'name') ?? 'nothing'
      throw setUpFailed(volume.name, `this node has no volumes of kind ${kind}`)
    }
    const memory = podSize(pod.spec).memoryLimit ?? this.#nodeMemory
    const { fsGroup } = pod.spec.securityContext ?? {}
    return prepareEmptyDir(volume.emptyDir, { path, memory, fsGroup })
  }

  async #write(pod: Pod, volume: string, files: VolumeFiles): Promise<void> {
    const uid = pod.metadata.uid ?? ''
    const written = this.#written.get(uid) ?? new Map<string, VolumeFiles>()
    const before = written.get(volume)
    if (before !== undefined && sameFiles(before, files)) return
    const directory = join(this.podDir(uid), 'volumes', volume)
    await writeAtomically(directory, files, pod.spec.securityContext?.fsGroup)
    written.set(volume, files)
    this.#written.set(uid, written)
  }
}

async function removeWhole(directory: string): Promise<void> {
  if ((await lstat(directory).catch(() => undefined)) === undefined) return
  await unmountBelow(directory)
  await rm(directory, { recursive: true, force: true })
}

function sameFiles(a: VolumeFiles, b: VolumeFiles): boolean {
  return (
    a.size === b.size &&
    [...a].every(([path, { data, mode }]) => {
      const other = b.get(path)
      return other?.mode === mode && Buffer.compare(data, other.data) === 0
    })
  )
}
