import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { formatContainerdConfig, snapshotterIn } from './containerd-config.ts'
import { ContainerdError } from './containerd-error.ts'
import { containerdPaths, type ContainerdPaths } from './containerd-paths.ts'
import { findContainerd, spawnContainerd, stopContainerd } from './containerd-process.ts'
import { pauseImage } from './image/base-images.ts'
import type { ImageStore } from './image/import-image.ts'
import { hasCapability } from './machine/capability.ts'
import { chooseSnapshotter } from './machine/choose-snapshotter.ts'
import { requirePrograms, type RuntimePrograms } from './machine/missing-packages.ts'
import { guardLoopback, hostPortRefusal } from './network/host-ports.ts'
import { makeBridge } from './network/pod-bridge.ts'
import { prepareNetwork, type NetworkChoice } from './network/prepare-network.ts'
import { waitReady } from './wait-ready.ts'
import { writeWhole } from './write-whole.ts'

/** How to run containerd. Everything is kept below `dataDir`, which is made if missing. */
export interface ContainerdOptions extends NetworkChoice {
  /** The cgroup for containerd and its shims, such as `/podfit/runtime`. @default it stays in ours */
  readonly cgroup?: string
  /** Let systemd make the pods' cgroups. @default false */
  readonly systemdCgroup?: boolean
  /** Milliseconds that containerd may take to be ready. @default 20000 */
  readonly readyTimeoutMs?: number
  /** Breaks the start off; a containerd that runs already goes on. */
  readonly signal?: AbortSignal
}

/** A containerd of our own that runs and answers. */
export interface Containerd extends Required<ImageStore> {
  readonly pid: number
  /** Whether it ran already: its containers may run too. */
  readonly reattached: boolean
  readonly paths: ContainerdPaths
  readonly programs: RuntimePrograms
  readonly bridge: string
  readonly podCidr: string
  /** Makes the bridge if no pod has yet, and gives its address. */
  gateway(): Promise<string>
  /** Ports of this machine that lead to pods: why there are none, and what goes before the first. */
  readonly hostPorts: { readonly refusal?: string; open(): Promise<void> }
  /** Ends it by its id. Containers that run go on, and are found again at the next start. */
  stop(): Promise<void>
}

/**
 * The private containerd of a data directory: the one that runs, or a new one,
 * when its CRI says that runtime and network are ready.
 *
 * @throws ContainerdError `missingPackages`, `notRoot`, `didNotStart`
 */
export async function startContainerd(options: ContainerdOptions): Promise<Containerd> {
  const programs = requirePrograms()
  requireRoot()
  const paths = containerdPaths(options.dataDir)
  // A containerd whose directory was removed under it serves nobody.
  if (!existsSync(paths.config)) await stopContainerd(paths)
  const refusal = hostPortRefusal(programs.cniPlugins)
  const network = prepareNetwork(paths, options, refusal === undefined)
  const running = findContainerd(paths)
  const logged = logSize(paths)
  const started = running === undefined ? launch(paths, programs, options) : undefined
  const { readyTimeoutMs = 20_000, signal } = options
  const failure = await waitReady(paths.socket, readyTimeoutMs, started?.ended, signal)
  if (failure !== undefined) {
    if (started !== undefined) await stopContainerd(paths)
    throw didNotStart(failure, paths, logged)
  }
  return {
    endpoint: `unix://${paths.socket}`,
    ctr: programs.ctr,
    snapshotter: snapshotterIn(readFileSync(paths.config, 'utf8')) ?? 'overlayfs',
    pid: running ?? started?.pid ?? 0,
    reattached: running !== undefined,
    paths,
    programs,
    ...network,
    gateway: () => makeBridge(programs.busybox, network),
    hostPorts: { ...(refusal && { refusal }), open: () => guardLoopback(network.bridge) },
    stop: () => stopContainerd(paths),
  }
}

function requireRoot(): void {
  const user = process.getuid?.()
  if (user === 0) return
  const what = `Cannot start containerd as user ${user}: containers need root; run with sudo`
  throw new ContainerdError('notRoot', 'never', what)
}

function launch(paths: ContainerdPaths, programs: RuntimePrograms, options: ContainerdOptions) {
  const { cgroup, systemdCgroup } = options
  mkdirSync(dirname(paths.config), { recursive: true, mode: 0o700 })
  const before = existsSync(paths.config) ? readFileSync(paths.config, 'utf8') : ''
  const config = formatContainerdConfig({
    paths,
    sandboxImage: pauseImage,
    snapshotter: snapshotterIn(before) ?? chooseSnapshotter(dirname(paths.config)),
    runc: programs.runc,
    cniPlugins: programs.cniPlugins,
    mayLowerOomScore: hasCapability('CAP_SYS_RESOURCE'),
    ...(cgroup === undefined ? {} : { cgroup }),
    ...(systemdCgroup === undefined ? {} : { systemdCgroup }),
  })
  writeWhole(paths.config, config)
  if (cgroup !== undefined) makeUnifiedCgroup(cgroup)
  return spawnContainerd(programs.containerd, paths)
}

/** containerd makes its own cgroup on v1, but on v2 it must exist. */
function makeUnifiedCgroup(cgroup: string): void {
  const root = '/sys/fs/cgroup'
  if (existsSync(`${root}/cgroup.controllers`)) mkdirSync(root + cgroup, { recursive: true })
}

function logSize(paths: ContainerdPaths): number {
  return existsSync(paths.log) ? statSync(paths.log).size : 0
}

function didNotStart(why: string, paths: ContainerdPaths, logged: number): ContainerdError {
  const lines = existsSync(paths.log)
    ? readFileSync(paths.log).subarray(logged).toString('utf8').trim().split('\n')
    : []
  const telling = lines.findLast((line) => /level=(fatal|error)|^containerd: /.test(line))
  const told = telling ?? lines.findLast((line) => line.includes('failed to load plugin'))
  const text = `Cannot start containerd: ${why}${told === undefined ? '' : `: ${told}`} (log: ${paths.log})`
  return new ContainerdError('didNotStart', 'later', text)
}
