import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createKubeClient } from '../../src/kube/client/client.ts'
import type { KubeClient } from '../../src/kube/client/kube-client.ts'
import { connect } from '../../src/kube/connect/connect.ts'
import { runProgram, type ProgramEnd } from './run-program.ts'
import type { Screen } from './screen.ts'

export const podfitProgram = join(import.meta.dirname, '../../bin/podfit')

/** Exit code of podfit's verbs where everything went well and the answer is no. */
export const theAnswerIsNo = 3

/** What `podfit up -o json` says when it is ready. */
interface Ready {
  readonly pid: number
  readonly server: string
  readonly kubeconfig: string
  readonly dataDir: string
  readonly nodeName: string
  readonly cgroup: string
}

/** The podfit that the demo started, and both ways to speak with it. */
export interface Machine extends Ready {
  readonly client: KubeClient
  /** Runs `podfit ARGS` and shows it just as a user would see it. Returns its exit code. */
  show(args: readonly string[]): Promise<number>
  /** Runs `podfit ARGS` behind the scenes. */
  podfit(args: readonly string[]): Promise<ProgramEnd>
}

/** A new directory that holds all of it. */
export function demoDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'podfit-demo-'))
}

/**
 * Runs `podfit up` on `dataDir` and a free port, in the background.
 *
 * @throws Error if it does not get ready; it has said why on standard error.
 */
export async function startMachine(dataDir: string, screen: Screen): Promise<Machine> {
  const up = ['up', '--data-dir', dataDir, '--listen', '127.0.0.1:0', '--detach']
  screen.command(up)
  const child = spawn(podfitProgram, [...up, '-o', 'json'], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stderr.on('data', (data: Buffer) => process.stdout.write(data))
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  if (code !== 0) throw new Error(`podfit up ended with exit code ${code}`)
  const ready = JSON.parse(output) as Ready
  // The history of whoever looks on is not for pods that are soon gone: this one goes with them.
  const state = join(dataDir, 'logs')
  const env = { ...process.env, KUBECONFIG: ready.kubeconfig, XDG_STATE_HOME: state }
  const connection = await connect({ file: ready.kubeconfig })
  return {
    ...ready,
    client: createKubeClient({ fetch: connection.fetch, server: connection.server }),
    podfit: (args) => runProgram(podfitProgram, args, env),
    async show(args) {
      screen.command(args)
      // Progress and result of one command, in the order in which they come.
      const shown = spawn(podfitProgram, args, { env, stdio: ['ignore', 'inherit', 1] })
      const [exit] = (await once(shown, 'exit')) as [number | null]
      return exit ?? 1
    },
  }
}

/** Takes everything down. What is left then is a claim that fails. */
export async function stopMachine(dataDir: string, screen: Screen): Promise<void> {
  const down = ['down', '--data-dir', dataDir, '--purge', '--grace-period', '1']
  screen.command(down)
  const child = spawn(podfitProgram, down, { stdio: ['ignore', 'inherit', 1] })
  const [code] = (await once(child, 'exit')) as [number | null]
  screen.prove(code === 0 && !existsSync(dataDir), 'nothing of it is left on this machine')
}
