import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SecureContextOptions } from 'node:tls'
import { administrator } from '../connection.ts'
import type { Question, Syncs } from './api-program.ts'

const program = join(import.meta.dirname, 'api-program.ts')
const slowSync = join(import.meta.dirname, 'slow-sync.ts')

/** Bytes, after a garbage collection. */
export interface Memory {
  readonly rss: number
  readonly heapUsed: number
}

/** An API server in a process of its own, without a node, on a directory that goes with it. */
export class ApiProcess implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'podfit-bench-'))
  /** What a sync of the disk takes at least, milliseconds. */
  readonly syncMs: number
  #child: ChildProcess | undefined
  port = 0

  /** @throws Error before it was started. */
  get pid(): number {
    return this.#running().pid ?? 0
  }

  constructor(syncMs = 0) {
    this.syncMs = syncMs
  }

  async start(): Promise<void> {
    const child = forkOnDisk(program, [this.directory], this.syncMs, ['--expose-gc'])
    this.#child = child
    this.port = await answerOf<number>(child)
  }

  memory(): Promise<Memory> {
    return this.#ask('memory')
  }

  /** What its disk does, measured by its process. */
  syncs(): Promise<Syncs> {
    return this.#ask('syncs')
  }

  /** How many commits it has brought to the disk, with a sync each. */
  commits(): Promise<number> {
    return this.#ask('commits')
  }

  /** By which the server knows the administrator. */
  get credentials(): SecureContextOptions {
    return administrator(join(this.directory, 'pki'))
  }

  async stop(): Promise<void> {
    const child = this.#running()
    child.kill('SIGKILL')
    await once(child, 'exit')
    this.#child = undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child !== undefined) await this.stop()
    rmSync(this.directory, { recursive: true, force: true })
  }

  #ask<T>(question: Question): Promise<T> {
    const child = this.#running()
    child.send(question)
    return answerOf<T>(child)
  }

  #running(): ChildProcess {
    if (this.#child === undefined) throw new Error('the API server of the bench is not started')
    return this.#child
  }
}

/** A process of the bench for which a sync of the disk takes `syncMs` at least. */
export function forkOnDisk(
  path: string,
  args: readonly string[],
  syncMs: number,
  flags: readonly string[] = [],
): ChildProcess {
  return fork(path, args, {
    execArgv: [...flags, ...(syncMs > 0 ? ['--import', slowSync] : [])],
    env: { ...process.env, PODFIT_BENCH_SYNC_MS: String(syncMs) },
  })
}

/** What a process of the bench says next. @throws Error when it ends instead */
export async function answerOf<T>(child: ChildProcess): Promise<T> {
  const heard = new AbortController()
  const { signal } = heard
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`a server of the bench ended with exit code ${code}`)
  })
  try {
    const [message] = (await Promise.race([once(child, 'message', { signal }), ended])) as [T]
    return message
  } finally {
    heard.abort()
  }
}
