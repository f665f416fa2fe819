import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { releaseContainerd } from '../../src/containerd/clean-up.ts'
import { ensureBaseImages } from '../../src/containerd/ensure-base-images.ts'
import { startContainerd, type Containerd } from '../../src/containerd/start-containerd.ts'
import { createCriRuntime } from '../../src/cri/create-cri-runtime.ts'
import type { CriRuntime } from '../../src/cri/cri-runtime.ts'

/** A containerd for tests: nothing of it is left after `stop`. */
export interface PrivateContainerd {
  readonly cri: CriRuntime
  readonly endpoint: string
  readonly dir: string
  /** Parent cgroup that is free to use; it must be empty again before `stop`. */
  readonly cgroupRoot: string
  readonly containerd: Containerd
  stop(): Promise<void>
}

/** Starts a containerd in a temporary directory, with the images pause and busybox. */
export async function startPrivateContainerd(): Promise<PrivateContainerd> {
  const dir = mkdtempSync(join(tmpdir(), 'podfit-'))
  const cgroupRoot = `/${dir.split('/').at(-1)}`
  const options = { dataDir: dir, cgroup: `${cgroupRoot}/runtime` }
  const containerd = await startContainerd(options)
  await ensureBaseImages(containerd, containerd.programs.busybox)
  const cri = createCriRuntime({ endpoint: containerd.endpoint })
  return {
    cri,
    endpoint: containerd.endpoint,
    dir,
    cgroupRoot,
    containerd,
    stop: async () => {
      cri.close()
      await releaseContainerd(options)
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
