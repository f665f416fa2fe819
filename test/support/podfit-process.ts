import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { leftoversOf, marksOf } from './leftovers.ts'
import { runProgram, type ProgramOptions, type ProgramResult } from './run-program.ts'
import { slow, waitUntil } from './wait-until.ts'

/** The command as a user has it. */
export const podfitProgram = join(import.meta.dirname, '../../bin/podfit')

export interface PodfitOptions {
  /** Further arguments of `podfit up`. */
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string | undefined>>
  /**
   * Milliseconds on an ordinary machine until it has to be ready.
   * @default 30_000
   */
  readonly readyWithinMs?: number
}

/** The line of JSON that `podfit up -o json` prints when it is ready. */
export interface ReadyLine {
  readonly ready: true
  readonly server: string
  readonly kubeconfig: string
  readonly [field: string]: unknown
}

/**
 * A real `podfit up` on a data directory of its own. It may be killed and
 * started again; disposing of it takes everything down and fails if anything
 * of it is left on this machine.
 */
export class PodfitProcess {
  readonly dataDir: string
  /** For what a test puts beside it; goes with it. */
  readonly scratchDir: string
  readonly #options: PodfitOptions
  #child: ChildProcessByStdio<null, Readable, Readable> | undefined
  #ready: ReadyLine | undefined
  #log = ''

  constructor(options: PodfitOptions = {}) {
    this.scratchDir = mkdtempSync(join(tmpdir(), 'podfit-'))
    this.dataDir = join(this.scratchDir, 'data')
    this.#options = options
  }

  get server(): string {
    return this.ready.server
  }

  get kubeconfig(): string {
    return this.ready.kubeconfig
  }

  /** @throws Error if it was not ready since it was started last. */
  get ready(): ReadyLine {
    if (this.#ready === undefined) throw new Error('podfit up is not ready')
    return this.#ready
  }

  /** @throws Error if it does not run. */
  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error('podfit up does not run')
    return this.#child.pid
  }

  get running(): boolean {
    return this.#child !== undefined
  }

  /** Everything it wrote to standard error since the first start. */
  get log(): string {
    return this.#log
  }

  /** The last lines of what it logged in its data directory, to be told when a test fails. */
  get lastLogged(): string {
    const file = join(this.dataDir, 'podfit.log')
    return existsSync(file) ? readFileSync(file, 'utf8').slice(-8000) : ''
  }

  /**
   * Starts `podfit up` and waits until it says that it is ready.
   *
   * @param under the command that runs it, as `setpriv` with its arguments
   * @throws Error with its standard error if it ends before or takes too long
   */
  async start(args: readonly string[] = [], under: readonly string[] = []): Promise<ReadyLine> {
    if (this.#child !== undefined) throw new Error('podfit up runs already')
    const [program = podfitProgram, ...all] = [
      ...under,
      podfitProgram,
      'up',
      `--data-dir=${this.dataDir}`,
      '--listen=127.0.0.1:0',
      '--output=json',
      ...(this.#options.args ?? []),
      ...args,
    ]
    const child = spawn(program, all, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.#options.env },
    })
    this.#child = child
    this.#ready = undefined
    child.on('exit', () => (this.#child = undefined))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text
      if (process.env['PODFIT_TEST_VERBOSE']) process.stderr.write(text)
    })
    this.#ready = await this.#untilReady(child)
    return this.#ready
  }

  /** SIGKILL, as a crash would be; containers, containerd and data stay. */
  async kill9(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** SIGTERM; containers and containerd stay. Gives the exit code, if it ran and no signal ended it. */
  async stop(): Promise<number | undefined> {
    return this.#end('SIGTERM')
  }

  /** Its exit code when it ends by itself; undefined if a signal ended it, or if it does not run. */
  async ended(): Promise<number | undefined> {
    if (this.#child === undefined) return undefined
    const [code] = (await once(this.#child, 'exit')) as [number | null]
    return code ?? undefined
  }

  /** Runs another podfit command on the same data directory. */
  podfit(args: readonly string[], options?: ProgramOptions): Promise<ProgramResult> {
    return runProgram(podfitProgram, args, {
      ...options,
      env: {
        KUBECONFIG: join(this.dataDir, 'kubeconfig'),
        XDG_STATE_HOME: join(this.scratchDir, 'state'),
        ...options?.env,
      },
    })
  }

  /** @throws Error if the take-down fails or leaves anything behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    const marks = marksOf(this.dataDir)
    try {
      await this.stop()
      // A test may have taken it down itself.
      if (!existsSync(this.dataDir) && leftoversOf(marks).length === 0) return
      const down = ['down', '--data-dir', this.dataDir, '--purge']
      const { code, stderr } = await runProgram(podfitProgram, down, { timeoutMs: 120_000 })
      if (code !== 0) {
        throw new Error(`podfit ${down.join(' ')} ended with exit code ${code}\n${stderr}`)
      }
      await waitUntil(
        'podfit down to leave nothing',
        () => leftoversOf(marks),
        (left) => left.length === 0,
      )
    } finally {
      if (leftoversOf(marks).length === 0) rmSync(this.scratchDir, { recursive: true, force: true })
    }
  }

  async #untilReady(child: ChildProcessByStdio<null, Readable, Readable>): Promise<ReadyLine> {
    const within = slow(this.#options.readyWithinMs ?? 30_000)
    const timer = setTimeout(() => child.kill('SIGKILL'), within)
    try {
      for await (const line of createInterface(child.stdout)) {
        if (line.startsWith('{')) return JSON.parse(line) as ReadyLine
      }
    } finally {
      clearTimeout(timer)
      // Nobody reads on: a full pipe would stop it.
      child.stdout.resume()
    }
    await this.ended()
    throw new Error(`podfit up ended, or took ${within} ms, before it was ready\n${this.#log}`)
  }

  async #end(signal: NodeJS.Signals): Promise<number | undefined> {
    const child = this.#child
    if (child === undefined) return undefined
    const exited = this.ended()
    const timer = setTimeout(() => child.kill('SIGKILL'), slow(20_000))
    child.kill(signal)
    const code = await exited
    clearTimeout(timer)
    return code
  }
}

/** Starts `podfit up` for a test: `await using podfit = await startPodfit()`. */
export async function startPodfit(options: PodfitOptions = {}): Promise<PodfitProcess> {
  const podfit = new PodfitProcess(options)
  try {
    await podfit.start()
    return podfit
  } catch (error) {
    await podfit[Symbol.asyncDispose]().catch(() => {})
    throw error
  }
}
