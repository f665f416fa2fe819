import type { AttachedStreams } from '../../domain/query/attached-streams.ts'
import type {
  LinuxResources,
  ContainerConfig,
  ContainerSummary,
  RuntimeContainerStatus,
} from './runtime-container.ts'
import type { RuntimeEvent } from './runtime-event.ts'
import type { RuntimeImage } from './runtime-image.ts'
import type { SandboxConfig, SandboxSummary } from './runtime-sandbox.ts'

type Labels = Readonly<Record<string, string>>

/**
 * What the node asks of a container runtime, in CRI's words (src/cri has the real one). Ids are
 * the runtime's.
 *
 * Rejections carry the runtime's own text and a `code` such as `notFound` or
 * `unavailable`.
 */
export interface ContainerRuntime {
  runPodSandbox(config: SandboxConfig): Promise<string>
  stopPodSandbox(id: string): Promise<void>
  removePodSandbox(id: string): Promise<void>
  podSandboxStatus(id: string): Promise<SandboxSummary & { readonly ips: readonly string[] }>
  listPodSandboxes(filter: { readonly labels: Labels }): Promise<readonly SandboxSummary[]>
  /** Tells it what the pod as a whole may use; `unimplemented` where it does not want to know. */
  updatePodSandboxResources(
    id: string,
    resources: LinuxResources,
    overhead?: LinuxResources,
  ): Promise<void>
  createContainer(sandbox: string, config: ContainerConfig, of: SandboxConfig): Promise<string>
  startContainer(id: string): Promise<void>
  stopContainer(id: string, graceSeconds: number): Promise<void>
  removeContainer(id: string): Promise<void>
  listContainers(filter: { readonly labels: Labels }): Promise<readonly ContainerSummary[]>
  containerStatus(id: string): Promise<RuntimeContainerStatus>
  /** What the container wrote to its own root file system; as old as the runtime lets it be (10 s). */
  containerStats(id: string): Promise<{ readonly writableLayer?: { readonly usedBytes?: number } }>
  updateContainerResources(id: string, resources: LinuxResources): Promise<void>
  /** Has the output go to the log's path anew, where the file was moved away. */
  reopenContainerLog(id: string): Promise<void>
  /** Runs a command to its end; rejects with `deadlineExceeded` after `timeoutSeconds`, 0 is no limit. */
  execSync(
    id: string,
    command: readonly string[],
    timeoutSeconds: number,
  ): Promise<{
    readonly stdout: Uint8Array
    readonly stderr: Uint8Array
    readonly exitCode: number
  }>
  imageStatus(image: string): Promise<RuntimeImage | undefined>
  /** @param login with none it is pulled as anybody may */
  pullImage(
    image: string,
    login?: { readonly username: string; readonly password: string },
  ): Promise<string>
  watchContainerEvents(options: { readonly signal: AbortSignal }): AsyncIterable<RuntimeEvent>
  exec(id: string, command: readonly string[], streams: AttachedStreams): Promise<URL>
  attach(id: string, streams: AttachedStreams): Promise<URL>
  portForward(sandbox: string, ports: readonly number[]): Promise<URL>
}
