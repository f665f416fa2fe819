import { spawn } from 'node:child_process'
import { flushCompileCache } from 'node:module'
import type { UpOptions } from '../../compose/up-options.ts'
import { defaultDataDir } from '../../containerd/default-data-dir.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { memoryReservationOf } from '../up/memory-qos-flag.ts'
import { renderDocument, type OutputFormat } from '../render/output.ts'
import { type Terminal } from '../terminal.ts'
import { addUpFlags, type UpFlags } from '../up/up-flags.ts'
import { type VerbContext } from '../verb.ts'

const help = `Start a Kubernetes with one node on this machine: an API server, a node agent and a
containerd of its own. kubectl works against it. It runs until it is interrupted; its pods
go on and are found again by the next start. podfit down ends them.

Examples:
  podfit up                                  # in /var/lib/podfit, on 127.0.0.1:6443
  podfit up --detach                         # go to the background when ready
  podfit up --kube-version 1.31              # resize by patching the pod, as it was then
  podfit up --data-dir /tmp/a --listen 127.0.0.1:0 -o json
`

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
    logRotation: { maxSize: flags.containerLogMaxSize, maxFiles: flags.containerLogMaxFiles },
    runtimeRequestTimeoutMs: flags.runtimeRequestTimeout,
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
  const { up } = await import('../../compose/up.ts')
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
  const how = await Promise.race([
    stopped,
    running.removed.then(() => {
      throw new Error(
        `Cannot go on: ${dataDir} was removed while podfit ran in it; end its pods with: podfit down --data-dir ${dataDir}`,
      )
    }),
  ])
  if (how === 'SIGINT') terminal.stderr.write(`${goOnText(dataDir)}\n`)
  return exitCodes.done
}

/** For whoever pressed Ctrl-C and may think that all has ended. */
function goOnText(dataDir: string): string {
  const flag = dataDir === defaultDataDir ? '' : ` --data-dir ${dataDir}`
  return `stopped; the pods go on until: podfit down${flag}`
}

/** One line for JSON, so that whoever started this can read it as a line. */
async function renderReady(format: OutputFormat, ready: object): Promise<string> {
  const text = await renderDocument(format, 'Up', ready)
  return format === 'json' ? `${JSON.stringify(JSON.parse(text))}\n` : text
}

/** Resolves at SIGINT or SIGTERM, with which. A second one ends the process the hard way. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve)
  })
}

/**
 * Starts the same command in the background and waits until it says that it is ready. Ctrl-C does
 * not reach it there: until it is ready a signal is passed on.
 */
function detach(terminal: Terminal): Promise<ExitCode> {
  const args = process.argv.slice(1).filter((arg) => arg !== '--detach')
  const child = spawn(process.execPath, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  terminal.signal.addEventListener('abort', () => child.kill('SIGTERM'))
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
  addUpFlags(command)
    .addHelpText('before', help)
    .action((flags: UpFlags) => finish(run(flags, terminal)))
}
