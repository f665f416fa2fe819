import { existsSync } from 'node:fs'
import { containerdPaths } from '../../containerd/containerd-paths.ts'
import { defaultDataDir } from '../../containerd/default-data-dir.ts'
import type { PlaceQuestions } from '../../cri/ask-place.ts'
import type { ContainerPlace } from '../../cri/container/container-place.ts'

/** Asks the container runtimes of this machine where their containers are. */
export interface RuntimePlaces {
  /**
   * Undefined if no runtime knows it, or none answers.
   *
   * @throws only the reason of `signal`.
   */
  placeOf(containerId: string, signal: AbortSignal): Promise<ContainerPlace | undefined>
  /** Why the runtime that the user named did not answer. */
  problem(): string | undefined
}

/** Asks nobody. */
export const noRuntime: RuntimePlaces = {
  placeOf: () => Promise.resolve(undefined),
  problem: () => undefined,
}

/** Where runtimes listen: containerd, CRI-O, k3s and RKE2, k0s, MicroK8s, cri-dockerd. */
const knownSockets = [
  '/run/containerd/containerd.sock',
  '/run/crio/crio.sock',
  '/run/k3s/containerd/containerd.sock',
  '/run/k0s/containerd.sock',
  '/var/snap/microk8s/common/run/containerd.sock',
  '/run/cri-dockerd.sock',
]

export interface RuntimeChoice {
  /** The one to ask, and no other. */
  readonly endpoint?: string | undefined
  /** Of a podfit whose own containerd is asked first. */
  readonly dataDir?: string | undefined
}

function endpointsOf({ endpoint, dataDir = defaultDataDir }: RuntimeChoice): readonly string[] {
  if (endpoint !== undefined) return [endpoint]
  return [containerdPaths(dataDir).socket, ...knownSockets].filter((path) => existsSync(path))
}

/** gRPC takes time to load: only where there is somebody to talk to. */
async function openAll(choice: RuntimeChoice): Promise<Map<string, PlaceQuestions>> {
  const endpoints = endpointsOf(choice)
  if (endpoints.length === 0) return new Map()
  const { placeQuestions } = await import('../../cri/ask-place.ts')
  return new Map(endpoints.map((endpoint) => [endpoint, placeQuestions(endpoint)]))
}

/** The runtimes that listen on this machine, or the one that the user names. */
export function runtimePlaces(choice: RuntimeChoice): RuntimePlaces {
  /** Also of containers that no runtime knows: they had their ID from somebody else. */
  const known = new Map<string, ContainerPlace | undefined>()
  let opened: Promise<Map<string, PlaceQuestions>> | undefined
  let problem: string | undefined
  return {
    problem: () => problem,
    async placeOf(containerId, signal) {
      if (known.has(containerId)) return known.get(containerId)
      const runtimes = await (opened ??= openAll(choice))
      for (const [endpoint, runtime] of runtimes) {
        const answer = await runtime.ask(containerId, signal)
        switch (answer.kind) {
          case 'place':
            known.set(containerId, answer.place)
            return answer.place
          case 'unknown':
            break
          case 'failed':
            // One that does not answer is not asked again.
            runtimes.delete(endpoint)
            // Of those that merely may be there nobody expects an answer.
            if (choice.endpoint !== undefined) problem = `${endpoint}: ${answer.why}`
            break
          default:
            answer satisfies never
        }
      }
      known.set(containerId, undefined)
      return undefined
    },
  }
}
