import { ensureBaseImages } from '../containerd/ensure-base-images.ts'
import { startContainerd } from '../containerd/start-containerd.ts'
import { createCriRuntime } from '../cri/create-cri-runtime.ts'
import type { CriRuntime } from '../cri/cri-runtime.ts'
import type { DataDirectory } from './data-directory.ts'

export interface RuntimeChoice {
  /** A runtime that is there already: `unix:///run/containerd/containerd.sock`. */
  readonly runtimeEndpoint?: string
  readonly podCidr?: string
}

export interface RunningRuntime {
  readonly cri: CriRuntime
  readonly podCidr: string
  /** As node objects print it: `containerd://1.6.20`. */
  readonly version: string
  /** Ends a containerd that this start has started; one that ran before goes on. */
  discard(): Promise<void>
}

/**
 * The runtime of this podfit: the one that was named, else a containerd of its
 * own, with the images that pods need where there is no registry.
 */
export async function startRuntime(
  directory: DataDirectory,
  choice: RuntimeChoice,
  progress: (line: string) => void,
): Promise<RunningRuntime> {
  const { runtimeEndpoint, podCidr } = choice
  if (runtimeEndpoint !== undefined) {
    const cri = createCriRuntime({ endpoint: runtimeEndpoint })
    const discard = async (): Promise<void> => {}
    return { cri, podCidr: podCidr ?? '', version: await versionOf(cri), discard }
  }
  const containerd = await startContainerd({
    dataDir: directory.path,
    cgroup: `${directory.cgroup}/runtime`,
    ...(podCidr === undefined ? {} : { podCidr }),
  })
  progress(
    `containerd ${containerd.reattached ? 'was running' : 'started'} (pid ${containerd.pid})`,
  )
  const built = await ensureBaseImages(containerd, containerd.programs.busybox)
  for (const image of built) progress(`built image ${image}`)
  const cri = createCriRuntime({ endpoint: containerd.endpoint })
  const discard = async (): Promise<void> => {
    if (!containerd.reattached) await containerd.stop()
  }
  return { cri, podCidr: containerd.podCidr, version: await versionOf(cri), discard }
}

async function versionOf(cri: CriRuntime): Promise<string> {
  const { runtimeName, runtimeVersion } = await cri.version()
  return `${runtimeName}://${runtimeVersion.replace(/^v/, '')}`
}
