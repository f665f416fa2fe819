import type { Pod } from '../domain/pod.ts'
import type { PodLogOptions } from '../domain/query/pod-log-options.ts'

/**
 * What the API server needs of the node that runs the pods: their output and
 * ways into their containers. The URLs lead to the container runtime's own
 * streaming server, to which the client's connection is passed on byte for byte.
 *
 * A rejection may carry `code` (an HTTP status number) to be answered with;
 * without one it is a 500.
 */
export interface NodeStreams {
  logs(
    pod: Pod,
    container: string,
    options: PodLogOptions,
    signal: AbortSignal,
  ): Promise<ReadableStream<Uint8Array>>
  exec(pod: Pod, container: string, query: URLSearchParams): Promise<URL>
  attach(pod: Pod, container: string, query: URLSearchParams): Promise<URL>
  portForward(pod: Pod, query: URLSearchParams): Promise<URL>
}
