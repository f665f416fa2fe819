import { type Command, InvalidArgumentError, Option } from 'commander'
import { defaultDataDir } from '../../containerd/default-data-dir.ts'
import { isPodCidr } from '../../containerd/network/pod-network.ts'
import { usualRequestTimeoutMs } from '../../cri/connection/deadlines.ts'
import type { CgroupDriver } from '../../domain/cgroup/names.ts'
import {
  memoryReservationPolicies,
  type MemoryReservationPolicy,
} from '../../domain/cgroup/memory-qos.ts'
import { type SwapBehavior, swapBehaviors } from '../../domain/cgroup/swap.ts'
import { type DriftMode, driftModes } from '../../domain/cgroup/drift.ts'
import { usualLogRotation } from '../../domain/lifecycle/log-rotation.ts'
import { parseQuantity, wholeQuantity, wholeValue } from '../../domain/quantity/quantity.ts'
import { type ActuationMode, actuationModes } from '../../domain/resize/actuation/actuation-mode.ts'
import { defaultVersion, kubeVersions, type KubeVersion } from '../../domain/kube-version.ts'
import { parseEndpoint } from '../cgroups/cgroup-sources.ts'
import { parseDuration } from '../render/duration.ts'
import { parseOutputFormat, type OutputFormat } from '../render/output.ts'

/** The flags of `podfit up`. */
export interface UpFlags {
  readonly dataDir: string
  readonly listen: Listen
  readonly nodeName?: string
  readonly runtimeEndpoint?: string
  readonly runtimeRequestTimeout: number
  readonly podCidr?: string
  readonly cgroupDriver?: CgroupDriver
  readonly kubeVersion: KubeVersion
  readonly memoryQos?: true | MemoryReservationPolicy
  readonly swapBehavior: SwapBehavior
  readonly actuate: ActuationMode
  readonly onDrift: DriftMode
  /** Bytes; below 0 for any. */
  readonly containerLogMaxSize: number
  readonly containerLogMaxFiles: number
  readonly apiForPods?: boolean
  readonly tokenAuthFile?: string
  readonly detach?: boolean
  readonly output?: OutputFormat
}

interface Listen {
  readonly host: string
  readonly port: number
}

/** `127.0.0.1:6443`, `[::1]:0`. */
function parseListen(text: string): Listen {
  const { host, port } = /^(?:\[(?<v6>[^\]]+)\]|(?<host>[^:]+)):(?<port>\d{1,5})$/.exec(text)
    ?.groups
    ? splitListen(text)
    : { host: '', port: -1 }
  if (host !== '' && port >= 0 && port <= 65_535) return { host, port }
  throw new InvalidArgumentError('It must be ADDRESS:PORT, such as 127.0.0.1:6443.')
}

function splitListen(text: string): Listen {
  const at = text.lastIndexOf(':')
  return { host: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) }
}

function parseTimeout(text: string): number {
  const ms = parseDuration(text)
  if (ms >= 1000) return ms
  throw new InvalidArgumentError('It must be 1s or more, such as 2m.')
}

function parsePodCidr(text: string): string {
  if (isPodCidr(text)) return text
  throw new InvalidArgumentError('It must be an IPv4 network, such as 10.87.0.0/16.')
}

function parseLogSize(text: string): number {
  const quantity = parseQuantity(text)
  if (quantity !== undefined && wholeValue(quantity) !== 0) return wholeValue(quantity)
  throw new InvalidArgumentError('It must be a size, such as 10Mi, or -1 for any.')
}

function parseLogFiles(text: string): number {
  if (/^\d{1,6}$/.test(text) && Number(text) > 1) return Number(text)
  throw new InvalidArgumentError('It must be a number of files from 2 on.')
}

export function addUpFlags(command: Command): Command {
  return command
    .option('--data-dir <dir>', 'where everything of this podfit is kept', defaultDataDir)
    .addOption(
      new Option('--listen <address:port>', 'where the API server listens; port 0 is any')
        .argParser(parseListen)
        .default({ host: '127.0.0.1', port: 6443 }, '127.0.0.1:6443'),
    )
    .option('--node-name <name>', 'name of the node (default: this host)')
    .option('--runtime-endpoint <url>', 'a container runtime that is there already', parseEndpoint)
    .addOption(
      new Option('--runtime-request-timeout <duration>', 'how long the runtime may take for a call')
        .argParser(parseTimeout)
        .default(usualRequestTimeoutMs, '2m'),
    )
    .addOption(
      new Option(
        '--cgroup-driver <driver>',
        'who makes the cgroups of pods (default: what the runtime says, else cgroupfs)',
      ).choices(['cgroupfs', 'systemd']),
    )
    .option(
      '--pod-cidr <cidr>',
      'network of the pods (default: one that is free here)',
      parsePodCidr,
    )
    .addOption(
      new Option('--kube-version <version>', 'the Kubernetes to behave like')
        .choices(kubeVersions)
        .default(defaultVersion),
    )
    .addOption(
      new Option(
        '--memory-qos [policy]',
        'throttle memory near limits, and protect what is requested (cgroup v2), from Kubernetes 1.36 on by policy (default: TieredReservation)',
      ).choices(memoryReservationPolicies),
    )
    .addOption(
      new Option('--swap-behavior <behavior>', 'whether Burstable containers may swap (cgroup v2)')
        .choices(swapBehaviors)
        .default('NoSwap'),
    )
    .addOption(
      new Option(
        '--actuate <mode>',
        'who resizes containers: the runtime, or the node before it tells the runtime',
      )
        .choices(actuationModes)
        .default('runtime'),
    )
    .addOption(
      new Option('--on-drift <mode>', 'what to do where others change cgroup values of pods')
        .choices(driftModes)
        .default('restore'),
    )
    .addOption(
      new Option('--container-log-max-size <size>', 'a log is rotated from this size on; -1: never')
        .argParser(parseLogSize)
        .default(usualLogRotation.maxSize, wholeQuantity(usualLogRotation.maxSize)),
    )
    .addOption(
      new Option('--container-log-max-files <count>', 'how many files of a log are kept')
        .argParser(parseLogFiles)
        .default(usualLogRotation.maxFiles),
    )
    .option('--api-for-pods', 'let pods use the API; their tokens may do everything')
    .option(
      '--token-auth-file <file>',
      'bearer tokens of API users, as kube-apiserver reads them; each may do everything',
    )
    .option('--detach', 'go to the background when ready')
    .option('-o, --output <format>', 'json or yaml', parseOutputFormat)
}
