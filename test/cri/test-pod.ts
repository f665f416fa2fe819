import { existsSync, readFileSync } from 'node:fs'
import type { ContainerConfig } from '../../src/cri/container/container-config.ts'
import type { LinuxContainerResources } from '../../src/cri/linux/linux-resources.ts'
import type { PodSandboxConfig } from '../../src/cri/sandbox/pod-sandbox.ts'
import type { PrivateContainerd } from './private-containerd.ts'

/** A sandbox of its own cgroup below the test's root. */
export function sandboxConfig(runtime: PrivateContainerd, name: string): PodSandboxConfig {
  return {
    metadata: { name, uid: `uid-${name}`, namespace: 'default', attempt: 0 },
    hostname: name,
    logDirectory: runtime.dir,
    labels: { app: name },
    linux: { cgroupParent: `${runtime.cgroupRoot}/${name}` },
  }
}

/** A container that runs `script` in a shell. */
export function containerConfig(
  script: string,
  resources: LinuxContainerResources = {},
): ContainerConfig {
  return {
    metadata: { name: 'main', attempt: 0 },
    image: 'busybox',
    command: ['sh', '-c', script],
    logPath: 'main.log',
    linux: { resources },
  }
}

/** Sleeps until SIGTERM, and then ends at once. */
export const sleepScript = "trap 'exit 0' TERM; while :; do sleep 3600 & wait $!; done"

export interface RunningContainer {
  readonly sandbox: PodSandboxConfig
  readonly sandboxId: string
  readonly id: string
  /** The container's cgroup. */
  readonly cgroup: string
}

/** A sandbox with one container that was started. */
export async function runContainer(
  runtime: PrivateContainerd,
  name: string,
  script = sleepScript,
  resources: LinuxContainerResources = {},
): Promise<RunningContainer> {
  const { cri, cgroupRoot } = runtime
  const sandbox = sandboxConfig(runtime, name)
  const sandboxId = await cri.runPodSandbox(sandbox)
  const id = await cri.createContainer(sandboxId, containerConfig(script, resources), sandbox)
  await cri.startContainer(id)
  return { sandbox, sandboxId, id, cgroup: `${cgroupRoot}/${name}/${id}` }
}

/** The limits that the kernel holds for a cgroup, in the words of v1 on both versions. */
export function limitsOf(cgroup: string) {
  const root = '/sys/fs/cgroup'
  const read = (path: string) => readFileSync(path, 'utf8').trim()
  if (existsSync(`${root}/cgroup.controllers`)) {
    const [quota, period] = read(`${root}${cgroup}/cpu.max`).split(' ')
    const memory = read(`${root}${cgroup}/memory.max`)
    return {
      quota: quota === 'max' ? -1 : Number(quota),
      period: Number(period),
      memory: Number(memory),
    }
  }
  return {
    quota: Number(read(`${root}/cpu${cgroup}/cpu.cfs_quota_us`)),
    period: Number(read(`${root}/cpu${cgroup}/cpu.cfs_period_us`)),
    memory: Number(read(`${root}/memory${cgroup}/memory.limit_in_bytes`)),
  }
}
