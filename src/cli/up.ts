import { spawn } from 'node:child_process'
import { flushCompileCache } from 'node:module'
import { InvalidArgumentError, Option } from 'commander'
import type { CgroupDriver } from '../domain/cgroup/names.ts'
import {
  memoryReservationPolicies,
  type MemoryReservationPolicy,
} from '../domain/cgroup/memory-qos.ts'
import { type SwapBehavior, swapBehaviors } from '../domain/cgroup/swap.ts'
import { type DriftMode, driftModes } from '../domain/cgroup/drift.ts'
import { type ActuationMode, actuationModes } from '../domain/resize/actuation-mode.ts'
import type { UpOptions } from '../compose/up.ts'
import { defaultVersion, kubeVersions, type KubeVersion } from '../domain/resize/kube-version.ts'
import { defaultDataDir } from '../containerd/default-data-dir.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { memoryReservationOf } from './memory-qos-flag.ts'
import { parseOutputFormat, renderDocument, type OutputFormat } from './render/output.ts'
import { type Terminal } from './terminal.ts'
import { type VerbContext } from './verb.ts'

interface UpFlags {
  readonly dataDir: string
  readonly listen: Listen
  readonly nodeName?: string
  readonly runtimeEndpoint?: string
  readonly podCidr?: string
  readonly cgroupDriver?: CgroupDriver
  readonly kubeVersion: KubeVersion
  readonly memoryQos?: true | MemoryReservationPolicy
  readonly swapBehavior: SwapBehavior
  readonly actuate: ActuationMode
  readonly onDrift: DriftMode
  readonly apiForPods?: boolean
  readonly tokenAuthFile?: string
  readonly detach?: boolean
  readonly output?: OutputFormat
}

interface Listen {
  readonly host: string
  readonly port: number
}

const help = `Start a Kubernetes with one node on this machine: an API server, a node agent and a
containerd of its own. kubectl works against it. It runs until it is interrupted; its pods
go on and are found again by the next start. podfit down ends them.

Examples:
  podfit up                                  # in /var/lib/podfit, on 127.0.0.1:6443
  podfit up --detach                         # go to the background when ready
  podfit up --kube-version 1.31              # resize by patching the pod, as it was then
  podfit up --data-dir /tmp/a --listen 127.0.0.1:0 -o json
`

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

function optionsOf(flags: UpFlags, terminal: Terminal): UpOptions {
  const { dataDir, listen, nodeName, runtimeEndpoint, podCidr, kubeVersion, swapBehavior } = flags
  const memoryQos = memoryReservationOf(flags.memoryQos, kubeVersion)
  return {
    dataDir,
    ...listen,
    kubeVersion,
    swapBehavior,
    actuation: flags.actuate,
    onDrift: flags.onDrift,
    ...(memoryQos && { memoryQos }),
    apiForPods: flags.apiForPods === true,
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(runtimeEndpoint === undefined ? {} : { runtimeEndpoint }),
    ...(podCidr === undefined ? {} : { podCidr }),
    ...(flags.tokenAuthFile === undefined ? {} : { tokenFile: flags.tokenAuthFile }),
    ...(flags.cgroupDriver && { cgroupDriver: flags.cgroupDriver }),
    progress: (line) => terminal.stderr.write(`${line}\n`),
  }
}

async function run(flags: UpFlags, terminal: Terminal): Promise<ExitCode> {
  if (flags.detach === true) return detach(terminal)
  const { up } = await import('../compose/up.ts')
  const stopped = stopSignal()
  await using running = await up({ ...optionsOf(flags, terminal), signal: terminal.signal })
  const { server, kubeconfig, dataDir, nodeName, cgroup } = running
  const ready = { ready: true, pid: process.pid, server, kubeconfig, dataDir, nodeName, cgroup }
  terminal.stdout.write(
    flags.output === undefined
      ? `ready: kubectl --kubeconfig ${kubeconfig} get nodes\n`
      : await renderReady(flags.output, ready),
  )
  // The parent that waits for the line may be gone when more is written.
  process.send?.(ready)
  // For the next start; this process may never come to an orderly end.
  flushCompileCache()
  await Promise.race([
    stopped,
    running.removed.then(() => {
      throw new Error(
        `Cannot go on: ${dataDir} was removed while podfit ran in it; end its pods with: podfit down --data-dir ${dataDir}`,
      )
    }),
  ])
  return exitCodes.done
}

/** One line for JSON, so that whoever started this can read it as a line. */
async function renderReady(format: OutputFormat, ready: object): Promise<string> {
  const text = await renderDocument(format, 'Up', ready)
  return format === 'json' ? `${JSON.stringify(JSON.parse(text))}\n` : text
}

/** Resolves at SIGINT or SIGTERM. A second one ends the process the hard way. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
}

/** Starts the same command in the background and waits until it says that it is ready. */
function detach(terminal: Terminal): Promise<ExitCode> {
  const args = process.argv.slice(1).filter((arg) => arg !== '--detach')
  const child = spawn(process.execPath, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  child.stdout?.on('data', (data: Buffer) => terminal.stdout.write(data.toString()))
  child.stderr?.on('data', (data: Buffer) => terminal.stderr.write(data.toString()))
  return new Promise((resolve) => {
    child.once('message', () => {
      child.disconnect()
      child.stdout?.destroy()
      child.stderr?.destroy()
      child.unref()
      resolve(exitCodes.done)
    })
    child.once('exit', (code) => resolve((code ?? exitCodes.error) as ExitCode))
  })
}

export function define({ command, terminal, finish }: VerbContext): void {
  command
    .addHelpText('before', help)
    .option('--data-dir <dir>', 'where everything of this podfit is kept', defaultDataDir)
    .addOption(
      new Option('--listen <address:port>', 'where the API server listens; port 0 is any')
        .argParser(parseListen)
        .default({ host: '127.0.0.1', port: 6443 }, '127.0.0.1:6443'),
    )
    .option('--node-name <name>', 'name of the node (default: this host)')
    .option('--runtime-endpoint <url>', 'a container runtime that is there already')
    .addOption(
      new Option(
        '--cgroup-driver <driver>',
        'who makes the cgroups of pods (default: what the runtime says, else cgroupfs)',
      ).choices(['cgroupfs', 'systemd']),
    )
    .option('--pod-cidr <cidr>', 'network of the pods (default: one that is free here)')
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
    .option('--api-for-pods', 'let pods use the API; their tokens may do everything')
    .option(
      '--token-auth-file <file>',
      'bearer tokens of API users, as kube-apiserver reads them; each may do everything',
    )
    .option('--detach', 'go to the background when ready')
    .option('-o, --output <format>', 'json or yaml', parseOutputFormat)
    .action((flags: UpFlags) => finish(run(flags, terminal)))
}
