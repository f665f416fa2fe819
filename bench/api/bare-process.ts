import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { answerOf, type ApiProcess } from './api-process.ts'
import type { Served } from '../connection.ts'

const program = join(import.meta.dirname, 'bare-program.ts')

export interface Bare extends Served, AsyncDisposable {
  readonly pid: number
}

/** A server in a process of its own that does nothing but answer with `text`, beside `api`. */
export async function startBare(api: ApiProcess, text: string): Promise<Bare> {
  const child = fork(program, [api.directory, text])
  return {
    pid: child.pid ?? 0,
    port: await answerOf<number>(child),
    credentials: api.credentials,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}
