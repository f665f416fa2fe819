import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { runProgram } from '../../src/cli/program.ts'
import type { FakePodApi } from './fake-pod-api.ts'

/** A directory for journals and kubeconfigs, which goes with the process that made it. */
export function stateDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'podfit-cli-'))
  process.on('exit', () => rmSync(directory, { recursive: true }))
  return directory
}

/** One call of podfit, in this process, without a terminal. */
export async function callPodfit(
  args: readonly string[],
  env: Record<string, string>,
  signal = new AbortController().signal,
) {
  let stdout = ''
  let stderr = ''
  const exit = await runProgram(args, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    stdin: process.stdin,
    env: { HOME: '/nonexistent', ...env },
    signal,
  })
  return { exit, stdout, stderr }
}

function requestOf(message: IncomingMessage, signal: AbortSignal): Request {
  const body = Readable.toWeb(message) as ReadableStream<Uint8Array>
  return new Request(`http://api${message.url}`, {
    method: message.method ?? 'GET',
    headers: Object.entries(message.headersDistinct).flatMap(([name, values = []]) =>
      values.map((value): [string, string] => [name, value]),
    ),
    signal,
    ...(message.method === 'PATCH' ? { body, duplex: 'half' as const } : {}),
  })
}

/** The fake API on a socket of this machine. */
export interface ServedPodApi extends AsyncDisposable {
  readonly url: string
}

export async function servePodApi(api: FakePodApi): Promise<ServedPodApi> {
  async function reply(message: IncomingMessage, answer: ServerResponse): Promise<void> {
    const closed = new AbortController()
    answer.on('close', () => closed.abort())
    const response = await api.fetch(requestOf(message, closed.signal))
    answer.writeHead(response.status, { 'content-type': 'application/json' })
    answer.flushHeaders()
    try {
      for await (const chunk of response.body ?? []) answer.write(chunk)
      answer.end()
    } catch {
      answer.destroy()
    }
  }
  const server = createServer((message, answer) => void reply(message, answer))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Writes a kubeconfig with a context for each server; the first is the current one. */
export function writeKubeconfig(file: string, servers: Readonly<Record<string, string>>): void {
  const names = Object.keys(servers)
  const config = {
    clusters: names.map((name) => ({ name, cluster: { server: servers[name] } })),
    users: [{ name: 'u', user: {} }],
    contexts: names.map((name) => ({ name, context: { cluster: name, user: 'u' } })),
    'current-context': names[0],
  }
  writeFileSync(file, JSON.stringify(config))
}
