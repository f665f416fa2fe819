import { setTimeout as sleep } from 'node:timers/promises'
import { CgroupError } from '../../cgroup/cgroup-error.ts'
import { openCgroupTree } from '../../cgroup/open-cgroup-tree.ts'
import { endHangingCalls } from '../../containerd/end-hanging-calls.ts'
import { ensureBaseImages } from '../../containerd/image/ensure-base-images.ts'
import { keepContainerd } from '../../containerd/keep-containerd.ts'
import { requirePrograms } from '../../containerd/machine/missing-packages.ts'
import { startContainerd } from '../../containerd/start-containerd.ts'
import { createCriRuntime } from '../../cri/create-cri-runtime.ts'
import type { CriRuntime } from '../../cri/cri-runtime.ts'
import type { CgroupDriver } from '../../domain/cgroup/names.ts'
import type { HostPorts } from '../../node/node-context.ts'
import type { DataDirectory } from '../data/data-directory.ts'
import type { Log } from '../log.ts'

export interface RuntimeChoice {
  /** A runtime that is there already: `unix:///run/containerd/containerd.sock`. */
  readonly runtimeEndpoint?: string
  /** Milliseconds that a call to it may take. @default 120_000 */
  readonly runtimeRequestTimeoutMs?: number
  readonly podCidr?: string
  /** Who makes the pods' cgroups. @default what the runtime says, else podfit itself */
  readonly cgroupDriver?: CgroupDriver
}

export interface RuntimeStart {
  readonly progress: (line: string) => void
  readonly log: Log
  /** Called at named steps, for crash tests. */
  readonly onStep: (step: string) => void
  /** Breaks it off. */
  readonly signal?: AbortSignal
}

export interface RunningRuntime {
  readonly cri: CriRuntime
  readonly podCidr: string
  readonly hostPorts: HostPorts
  /** This machine's address on the network of the pods; absent where that is another's. */
  readonly gateway?: () => Promise<string>
  readonly cgroupDriver: CgroupDriver
  /** As it names itself: `containerd`. */
  readonly name: string
  /** `1.6.20` */
  readonly version: string
  /** Ends a containerd that this start has started; one that ran before goes on. */
  discard(): Promise<void>
  /** From now on a containerd of podfit's own that ends is started again; a foreign one is waited for. */
  keep(signal: AbortSignal): void
}

/**
 * Whether there can be a runtime at all, which is known before anything is started.
 *
 * @throws ContainerdError if packages are missing, Error if nobody answers at the endpoint.
 */
export async function requireRuntime({ runtimeEndpoint }: RuntimeChoice): Promise<void> {
  if (runtimeEndpoint === undefined) {
    requirePrograms()
    return
  }
  using cri = createCriRuntime({ endpoint: runtimeEndpoint })
  try {
    await cri.version()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`Cannot use the runtime at ${runtimeEndpoint}: ${why}`, { cause })
  }
}

/**
 * The runtime of this podfit: the one that was named, else a containerd of its
 * own, with the images that pods need where there is no registry.
 */
export async function startRuntime(
  directory: DataDirectory,
  choice: RuntimeChoice,
  { progress, log, onStep, signal }: RuntimeStart,
): Promise<RunningRuntime> {
  const { runtimeEndpoint, podCidr, runtimeRequestTimeoutMs: requestTimeoutMs } = choice
  const timeout = requestTimeoutMs === undefined ? {} : { requestTimeoutMs }
  if (runtimeEndpoint !== undefined) {
    const cri = createCriRuntime({ endpoint: runtimeEndpoint, ...timeout })
    const discard = async (): Promise<void> => {}
    const keep = (): void => {}
    const cgroupDriver = choice.cgroupDriver ?? (await cri.cgroupDriver()) ?? 'cgroupfs'
    const itself = await nameAndVersion(cri)
    // Its network is its own affair.
    const hostPorts = { open: async (): Promise<void> => {} }
    return { cri, podCidr: podCidr ?? '', hostPorts, cgroupDriver, ...itself, discard, keep }
  }
  const { cgroupDriver = 'cgroupfs' } = choice
  const options = {
    dataDir: directory.path,
    cgroup: `${directory.cgroup}/runtime`,
    systemdCgroup: cgroupDriver === 'systemd',
    ...(podCidr === undefined ? {} : { podCidr }),
  }
  const containerd = await startContainerd({ ...options, ...(signal && { signal }) }).catch(
    async (error: unknown) => {
      // On v2 it was made for containerd.
      await removeUnusedCgroup(directory.cgroup)
      throw error
    },
  )
  onStep('up.containerd.after')
  progress(
    `containerd ${containerd.reattached ? 'was running' : 'started'} (pid ${containerd.pid})`,
  )
  const built = await ensureBaseImages(containerd, containerd.programs.busybox)
  for (const image of built) progress(`built image ${image}`)
  onStep('up.images.after')
  const onOverdue = (subject: string): void => {
    const calls = endHangingCalls(containerd.paths, subject)
    if (calls.length > 0) log.warn('Calls of runc hung and were ended', { subject, calls })
  }
  const cri = createCriRuntime({ endpoint: containerd.endpoint, ...timeout, onOverdue })
  const discard = async (): Promise<void> => {
    if (containerd.reattached) return
    await containerd.stop()
    await removeUnusedCgroup(directory.cgroup)
  }
  const keep = (signal: AbortSignal): void => {
    void keepContainerd({
      containerd: options,
      signal,
      onRestart: (pid) => log.warn('containerd had ended and was started again', { pid }),
      onError: (error) => log.warn('Cannot start containerd again', error),
    })
  }
  const itself = await nameAndVersion(cri)
  const { podCidr: cidr, hostPorts } = containerd
  const gateway = (): Promise<string> => containerd.gateway()
  return { cri, podCidr: cidr, hostPorts, gateway, cgroupDriver, ...itself, discard, keep }
}

/** Processes leave their cgroup some milliseconds after their end; those of pods stay, and it with them. */
async function removeUnusedCgroup(path: string): Promise<void> {
  const tree = openCgroupTree()
  for (let tries = 0; tries < 50; tries += 1) {
    if (tree.processes(path, { recursive: true }).length === 0) {
      try {
        return tree.remove(path, { recursive: true })
      } catch (error) {
        if (!(error instanceof CgroupError && error.code === 'busy')) throw error
      }
    }
    await sleep(10)
  }
}

async function nameAndVersion(cri: CriRuntime): Promise<Pick<RunningRuntime, 'name' | 'version'>> {
  const { runtimeName: name, runtimeVersion } = await cri.version()
  return { name, version: runtimeVersion.replace(/^v/, '') }
}
