import { isSidecar, type Container, type PodSpec } from '../pod.ts'
import {
  latestContainer,
  type ObservedContainer,
  type ObservedPod,
  type ObservedSandbox,
} from './observed.ts'
import { startsAgain } from './restart-policy.ts'

/** A container that should be running by now, and is not. */
export interface ContainerToStart {
  readonly container: Container
  readonly init: boolean
}

/** Ids of containers in a state that what runs does not show. */
interface Known {
  /** Stopped by the node for a restart. */
  readonly restarting: ReadonlySet<string>
  /** Whose startup probe has not succeeded yet. @default none */
  readonly starting?: ReadonlySet<string>
}

/**
 * All containers that should be running by now and are not: init containers one after the other,
 * each sidecar before the next of them, then the regular ones together.
 */
export function containersToStart(
  spec: PodSpec,
  observed: ObservedPod,
  sandbox: ObservedSandbox,
  known: Known,
): readonly ContainerToStart[] {
  const regularHaveStarted = spec.containers.some(
    ({ name }) => startedIn(sandbox, observed, name) !== undefined,
  )
  const init = initToStart(spec, observed, sandbox, known, regularHaveStarted)
  return init.isBlocking
    ? init.wanted
    : [...init.wanted, ...regularToStart(spec, observed, sandbox, known)]
}

/** Those among the init containers, and whether what comes after them has to wait. */
function initToStart(
  spec: PodSpec,
  observed: ObservedPod,
  sandbox: ObservedSandbox,
  { starting = new Set() }: Known,
  regularHaveStarted: boolean,
): { readonly wanted: readonly ContainerToStart[]; readonly isBlocking: boolean } {
  const wanted: ContainerToStart[] = []
  for (const container of spec.initContainers ?? []) {
    const latest = startedIn(sandbox, observed, container.name)
    const runs = latest?.state === 'running'
    const isDone = isSidecar(container)
      ? runs && !starting.has(latest.id)
      : latest?.state === 'exited' && latest.exitCode === 0
    // An init container has done its work for good when regular ones have started; a sidecar has not.
    const isNeeded = isSidecar(container) || (!regularHaveStarted && !isDone)
    if (isNeeded && !runs) wanted.push({ container, init: true })
    if (!isDone && !regularHaveStarted) return { wanted, isBlocking: true }
  }
  return { wanted, isBlocking: false }
}

function regularToStart(
  spec: PodSpec,
  observed: ObservedPod,
  sandbox: ObservedSandbox,
  { restarting }: Known,
): readonly ContainerToStart[] {
  return spec.containers
    .filter((container) => {
      if (startedIn(sandbox, observed, container.name)?.state === 'running') return false
      // Of an older sandbox, too: what has done its work there is not done once more.
      const latest = latestContainer(observed, container.name)
      return latest?.state !== 'exited' || startsAgain(spec, container, latest, restarting)
    })
    .map((container) => ({ container, init: false }))
}

/** The newest container of that name, if it belongs to the sandbox in use. */
function startedIn(
  { id, createdAt }: ObservedSandbox,
  observed: ObservedPod,
  name: string,
): ObservedContainer | undefined {
  const latest = latestContainer(observed, name)
  if (latest === undefined) return undefined
  const isOf =
    latest.sandboxId === undefined ? latest.createdAt >= createdAt : latest.sandboxId === id
  return isOf ? latest : undefined
}
