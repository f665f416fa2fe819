import { existsSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { releaseContainerd } from '../../src/containerd/clean-up.ts'
import { ensureBaseImages } from '../../src/containerd/image/ensure-base-images.ts'
import {
  startContainerd,
  type Containerd,
  type ContainerdOptions,
} from '../../src/containerd/start-containerd.ts'
import { createCriRuntime } from '../../src/cri/create-cri-runtime.ts'
import type { CriRuntime } from '../../src/cri/cri-runtime.ts'

/** A containerd for tests: nothing of it is left after `stop`. */
export interface PrivateContainerd {
  readonly cri: CriRuntime
  readonly endpoint: string
  readonly dir: string
  /** Parent cgroup for the test's own; what is below it is removed in the end. */
  readonly cgroupRoot: string
  readonly containerd: Containerd
  /** What it was started with, to start it again. */
  readonly options: ContainerdOptions
  stop(): Promise<void>
}

/** Starts a containerd in a temporary directory, with the images pause and busybox. */
export async function startPrivateContainerd(): Promise<PrivateContainerd> {
  const dir = mkdtempSync(join(tmpdir(), 'podfit-'))
  const cgroupRoot = `/${dir.split('/').at(-1)}`
  const options = { dataDir: dir, cgroup: `${cgroupRoot}/runtime`, readyTimeoutMs: 60_000 }
  const containerd = await startContainerd(options)
  await ensureBaseImages(containerd, containerd.programs.busybox)
  const cri = createCriRuntime({ endpoint: containerd.endpoint })
  return {
    cri,
    endpoint: containerd.endpoint,
    dir,
    cgroupRoot,
    containerd,
    options,
    stop: async () => {
      cri.close()
      await releaseContainerd(options)
      removeCgroups(cgroupRoot)
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function removeCgroups(path: string): void {
  const root = '/sys/fs/cgroup'
  const mounts = existsSync(`${root}/cgroup.controllers`)
    ? [root]
    : readdirSync(root).map((name) => join(root, name))
  for (const dir of mounts.map((mount) => mount + path)) if (existsSync(dir)) removeTree(dir)
}

function removeTree(dir: string): void {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(dir, entry.name))
  }
  rmdirSync(dir)
}
