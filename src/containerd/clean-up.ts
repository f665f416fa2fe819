import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createCriRuntime } from '../cri/create-cri-runtime.ts'
import type { CriRuntime } from '../cri/cri-runtime.ts'
import { containerdPaths, type ContainerdPaths } from './containerd-paths.ts'
import { argumentsOf, endProcess, runningPids, stopContainerd } from './containerd-process.ts'
import { findProgram } from './machine/find-program.ts'
import { removeHostPorts } from './network/host-ports.ts'
import { bridgeName } from './network/pod-network.ts'
import { startContainerd, type ContainerdOptions } from './start-containerd.ts'

const sandboxStopMs = 30_000

/**
 * Gives back all that the private containerd of a data directory holds of this
 * machine: sandboxes and containers with their networks, the process itself and
 * its shims, mounts, the bridge, its cgroup. Images and files stay; after this
 * the directory can be removed. Nothing to give back is fine.
 *
 * containerd is started for it if it does not run, because only it knows how to
 * take the networks down.
 */
export async function releaseContainerd(options: ContainerdOptions): Promise<void> {
  const paths = containerdPaths(options.dataDir)
  if (existsSync(paths.config)) {
    const { endpoint, bridge } = await startContainerd(options)
    using cri = createCriRuntime({ endpoint })
    await removeAllSandboxes(cri).catch(async () => {
      // A runc that hangs holds its shim up, and that containerd: without shims nothing runs.
      await endShims(paths)
      await removeSandboxesWithoutShims(cri)
    })
    removeBridge(bridge)
  } else removeBridge(bridgeName(resolve(options.dataDir)))
  await stopContainerd(paths)
  await endShims(paths)
  unmountBelow(paths.state)
  if (options.cgroup !== undefined) await removeCgroup(options.cgroup)
}

function removeBridge(name: string): void {
  removeHostPorts(name)
  const busybox = findProgram('busybox')
  if (busybox === undefined || !existsSync(`/sys/class/net/${name}`)) return
  spawnSync(busybox, ['ip', 'link', 'delete', name])
}

/**
 * Stops and removes every sandbox of a runtime, eight at a time.
 *
 * @throws CriError the first one, when all have been tried.
 */
async function removeAllSandboxes(cri: CriRuntime): Promise<void> {
  const sandboxes = await cri.listPodSandboxes()
  const failures: unknown[] = []
  async function removeSome() {
    for (let next = sandboxes.pop(); next !== undefined; next = sandboxes.pop()) {
      try {
        await cri.stopPodSandbox(next.id, { timeoutMs: sandboxStopMs })
        await cri.removePodSandbox(next.id)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: 8 }, removeSome))
  if (failures.length > 0) throw failures[0]
}

/** containerd learns a moment later that a shim has ended; until then it says "ttrpc: closed". */
async function removeSandboxesWithoutShims(cri: CriRuntime): Promise<void> {
  for (let tries = 20; ; tries--) {
    try {
      return await removeAllSandboxes(cri)
    } catch (error) {
      if (tries === 0) throw error
      await setTimeout(250)
    }
  }
}

/** Shims that containerd has forgotten, as after a crash in the middle of a start. */
async function endShims(paths: ContainerdPaths): Promise<void> {
  const shims = runningPids().filter((pid) => isShim(pid, paths))
  await Promise.all(shims.map((pid) => endProcess(pid, () => isShim(pid, paths))))
}

function isShim(pid: number, paths: ContainerdPaths): boolean {
  const [program = '', ...args] = argumentsOf(pid)
  return program.includes('containerd-shim') && args.includes(paths.socket)
}

/** The last mount of a path comes first: later ones lie over and below earlier ones. */
function unmountBelow(dir: string): void {
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point.startsWith(`${dir}/`))
    .reverse()
  for (const point of points) spawnSync('umount', ['--lazy', point])
}

/** In every hierarchy of v1, or in the only one of v2. */
async function removeCgroup(cgroup: string): Promise<void> {
  const root = '/sys/fs/cgroup'
  const hierarchies = existsSync(`${root}/cgroup.controllers`)
    ? [root]
    : readdirSync(root).map((name) => `${root}/${name}`)
  for (const hierarchy of hierarchies) await removeEmpty(hierarchy + cgroup)
}

/** A process that has ended is still in its cgroup for some milliseconds. */
async function removeEmpty(dir: string): Promise<void> {
  for (let tries = 200; existsSync(dir); tries--) {
    try {
      rmdirSync(dir)
    } catch (error) {
      if (tries === 0) throw error
      await setTimeout(10)
    }
  }
}
