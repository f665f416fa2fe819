import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { answerOf, forkOnDisk, type ApiProcess } from './api-process.ts'
import type { Served } from '../connection.ts'

const answering = join(import.meta.dirname, 'bare-program.ts')
const storing = join(import.meta.dirname, 'bare-store-program.ts')

export interface Bare extends Served, AsyncDisposable {
  readonly pid: number
}

/** A server in a process of its own that does nothing but answer with `text`, beside `api`. */
export function startBare(api: ApiProcess, text: string): Promise<Bare> {
  return served(api, forkOnDisk(answering, [api.directory, text], 0))
}

/** As `startBare`, one that keeps what it is sent on the disk of `api`, and knows no API. */
export function startBareStore(api: ApiProcess): Promise<Bare> {
  return served(api, forkOnDisk(storing, [api.directory], api.syncMs))
}

async function served(api: ApiProcess, child: ChildProcess): Promise<Bare> {
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
