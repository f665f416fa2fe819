import { attachedStreams } from '../domain/query/attached-streams.ts'
import {
  latestContainer,
  type ObservedContainer,
  previousContainer,
  readySandbox,
} from '../domain/lifecycle/observed.ts'
import { whyNoLogs } from '../domain/lifecycle/why-no-logs.ts'
import type { Pod } from '../domain/pod.ts'
import type { PodLogOptions } from '../domain/query/pod-log-options.ts'
import { readContainerLog } from './logs/container-log.ts'
import type { ObservedPods } from './runtime/observed-pods.ts'
import type { ContainerRuntime } from './runtime/container-runtime.ts'
import { containerLogFile } from './containers/sandbox-config.ts'

/** A refusal that the API answers with this HTTP status. */
export class StreamError extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

export interface PodStreamsOptions {
  readonly observed: ObservedPods
  readonly runtime: ContainerRuntime
  readonly podLogs: string
}

/** The output of this node's containers and the ways into them, for the API server to pass on. */
export class PodStreams {
  readonly #options: PodStreamsOptions

  constructor(options: PodStreamsOptions) {
    this.#options = options
  }

  async logs(
    pod: Pod,
    container: string,
    request: PodLogOptions,
    signal: AbortSignal,
  ): Promise<ReadableStream<Uint8Array>> {
    const run = this.#container(pod, container, request.previous)
    const file = containerLogFile(this.#options.podLogs, pod, container, run.attempt)
    const since = sinceTime(request)
    const { follow, timestamps, tailLines, limitBytes } = request
    const options = {
      follow,
      timestamps,
      ...(tailLines === undefined ? {} : { tailLines }),
      ...(limitBytes === undefined ? {} : { limitBytes }),
      ...(since === undefined ? {} : { sinceTime: since }),
    }
    const ended = (): boolean => this.#hasEnded(pod, run.id)
    const text = readContainerLog(file, options, ended, signal)
    return ReadableStream.from(text).pipeThrough(new TextEncoderStream())
  }

  async exec(pod: Pod, container: string, query: URLSearchParams): Promise<URL> {
    const { id } = this.#running(pod, container)
    return this.#options.runtime.exec(id, query.getAll('command'), attachedStreams(query))
  }

  async attach(pod: Pod, container: string, query: URLSearchParams): Promise<URL> {
    const { id } = this.#running(pod, container)
    return this.#options.runtime.attach(id, attachedStreams(query))
  }

  async portForward(pod: Pod, query: URLSearchParams): Promise<URL> {
    const sandbox = readySandbox(this.#options.observed.get(pod.metadata.uid ?? ''))
    if (sandbox === undefined) {
      throw new StreamError(400, `pod ${pod.metadata.name} is not running`)
    }
    const ports = [...query.getAll('ports'), ...query.getAll('port')].flatMap((one) =>
      one.split(','),
    )
    return this.#options.runtime.portForward(sandbox.id, ports.map(readPort))
  }

  #container(pod: Pod, name: string, previous: boolean): ObservedContainer {
    const observed = this.#options.observed.get(pod.metadata.uid ?? '')
    const found = previous ? previousContainer(observed, name) : latestContainer(observed, name)
    if (found !== undefined) return found
    const where = `container "${name}" in pod "${pod.metadata.name}"`
    throw new StreamError(
      400,
      previous
        ? `previous terminated ${where} not found`
        : `${where} is waiting to start: ${whyNoLogs(pod.status, name)}`,
    )
  }

  #running(pod: Pod, name: string): ObservedContainer {
    const container = this.#container(pod, name, false)
    if (container.state === 'running') return container
    throw new StreamError(500, `container not running (${container.id})`)
  }

  /** A container that was made and is about to start has not ended. */
  #hasEnded(pod: Pod, id: string): boolean {
    const { containers } = this.#options.observed.get(pod.metadata.uid ?? '')
    const container = containers.find((one) => one.id === id)
    return container === undefined || container.state === 'exited'
  }
}

function readPort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port
  throw new StreamError(400, `unable to parse ${JSON.stringify(text)} as a port`)
}

function sinceTime({ sinceSeconds, sinceTime: at }: PodLogOptions): Date | undefined {
  if (at !== undefined) return new Date(at)
  return sinceSeconds === undefined ? undefined : new Date(Date.now() - sinceSeconds * 1000)
}
