import type { Container, PodSpec } from '../pod.ts'
import { isSidecar } from '../pod.ts'
import { type CrashBackOff, mayStartAt } from './crash-back-off.ts'
import { restartsAfterExit } from './restart-policy.ts'
import {
  type Instant,
  latestContainer,
  type ObservedContainer,
  type ObservedPod,
  type ObservedSandbox,
  readySandbox,
} from './observed.ts'

/** Of a process that SIGKILL has ended, as shells and runtimes count. */
const killedExitCode = 137

/** A container to be created and started. */
export interface ContainerStart {
  readonly container: Container
  readonly attempt: number
  readonly init: boolean
  /** The container that this one follows, if the name ran before in this sandbox. */
  readonly previous?: ObservedContainer
}

/** A container that would start now but for its crash back-off. */
export interface BackingOff {
  readonly container: string
  readonly until: Instant
  readonly delayMs: number
}

/** What is to be done next for a pod that is meant to run. */
export type PodDecision =
  /** No usable sandbox: stop what is left of the old one, then create this attempt. */
  | { readonly kind: 'createSandbox'; readonly attempt: number }
  /** Start these in order; the others go on or wait. */
  | {
      readonly kind: 'run'
      readonly starts: readonly ContainerStart[]
      readonly backingOff: readonly BackingOff[]
    }
  /** Every container has ended for good, or ends so without its sandbox, which is not needed any more. */
  | { readonly kind: 'finished'; readonly phase: 'Succeeded' | 'Failed' }

export interface DecisionContext {
  /** By container name. */
  readonly backOffs: ReadonlyMap<string, CrashBackOff>
  /**
   * Ids of containers that the node itself stopped so that they start with
   * another size: restart policy and back-off do not hold them up.
   */
  readonly restarting: ReadonlySet<string>
  /** Ids of containers whose startup probe has not succeeded yet. */
  readonly starting?: ReadonlySet<string>
  readonly now: Instant
}

/**
 * What a kubelet would do next (computePodActions): init containers one after
 * the other, sidecars among them kept running, then the regular containers;
 * exited ones started again by the restart policy and its back-off.
 *
 * Resizes are not decided here: see domain/resize/actuation/plan.ts.
 */
export function decidePod(
  spec: PodSpec,
  observed: ObservedPod,
  { backOffs, restarting, starting, now }: DecisionContext,
): PodDecision {
  const ended = endedPhase(spec, observed, restarting)
  if (ended !== undefined) return { kind: 'finished', phase: ended }
  const sandbox = readySandbox(observed)
  if (sandbox === undefined) {
    // What runs still has to be killed, since another sandbox is of no use to it.
    const phase = endedPhase(spec, killed(observed), restarting)
    if (phase !== undefined) return { kind: 'finished', phase }
    return { kind: 'createSandbox', attempt: (observed.sandboxes[0]?.attempt ?? -1) + 1 }
  }
  const starts: ContainerStart[] = []
  const backingOff: BackingOff[] = []
  for (const { container, init } of startable(spec, observed, sandbox, {
    restarting,
    ...(starting && { starting }),
  })) {
    const previous = latestContainer(observed, container.name)
    const backOff = backOffs.get(container.name)
    const until =
      previous === undefined || isFree(previous, restarting)
        ? now
        : mayStartAt(backOff, previous.finishedAt ?? previous.createdAt)
    if (until > now && backOff !== undefined) {
      backingOff.push({ container: container.name, until, delayMs: backOff.delayMs })
    } else {
      starts.push({
        container,
        init,
        attempt: nextAttempt(previous),
        ...(previous === undefined ? {} : { previous }),
      })
    }
  }
  return { kind: 'run', starts, backingOff }
}

/** The pod when all that runs in it is killed. */
function killed({ sandboxes, containers }: ObservedPod): ObservedPod {
  const killedOne = (one: ObservedContainer): ObservedContainer =>
    one.state === 'running' ? { ...one, state: 'exited', exitCode: killedExitCode } : one
  return { sandboxes, containers: containers.map(killedOne) }
}

/** Whether the container that the next one follows has not crashed: no back-off holds that up. */
function isFree({ id, state }: ObservedContainer, restarting: ReadonlySet<string>): boolean {
  return state === 'created' || restarting.has(id)
}

/** A container that was created and never started is made anew under its own number. */
function nextAttempt(previous: ObservedContainer | undefined): number {
  if (previous === undefined) return 0
  return previous.state === 'created' ? previous.attempt : previous.attempt + 1
}

/** Containers that should be running by now and are not. */
function startable(
  spec: PodSpec,
  observed: ObservedPod,
  sandbox: ObservedSandbox,
  { restarting, starting = new Set() }: Pick<DecisionContext, 'restarting' | 'starting'>,
): { container: Container; init: boolean }[] {
  const wanted: { container: Container; init: boolean }[] = []
  const regularHaveStarted = spec.containers.some(
    ({ name }) => startedIn(sandbox, observed, name) !== undefined,
  )
  for (const container of spec.initContainers ?? []) {
    const latest = startedIn(sandbox, observed, container.name)
    if (isSidecar(container)) {
      const running = latest?.state === 'running'
      if (!running) wanted.push({ container, init: true })
      // The next one waits until this one has started.
      if ((!running || starting.has(latest.id)) && !regularHaveStarted) return wanted
    } else if (!regularHaveStarted && !(latest?.state === 'exited' && latest.exitCode === 0)) {
      if (latest?.state !== 'running') wanted.push({ container, init: true })
      return wanted
    }
  }
  for (const container of spec.containers) {
    if (startedIn(sandbox, observed, container.name)?.state === 'running') continue
    // Of an older sandbox, too: what has done its work there is not done once more.
    const latest = latestContainer(observed, container.name)
    if (latest?.state === 'exited' && !restartsAfter(spec, container, latest, restarting)) continue
    wanted.push({ container, init: false })
  }
  return wanted
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

function restartsAfter(
  spec: PodSpec,
  container: Container,
  exited: ObservedContainer,
  restarting: ReadonlySet<string>,
): boolean {
  if (restarting.has(exited.id)) return true
  return restartsAfterExit(spec, container, exited.exitCode ?? 0)
}

/**
 * The phase of a pod that has ended by itself: all regular containers exited
 * and none restarts, or an init container failed for good.
 */
function endedPhase(
  spec: PodSpec,
  observed: ObservedPod,
  restarting: ReadonlySet<string>,
): 'Succeeded' | 'Failed' | undefined {
  for (const container of spec.initContainers ?? []) {
    const latest = latestContainer(observed, container.name)
    if (isSidecar(container) || latest?.state !== 'exited') continue
    if (latest.exitCode !== 0 && !restartsAfter(spec, container, latest, restarting))
      return 'Failed'
  }
  const latest = spec.containers.map(({ name }) => latestContainer(observed, name))
  const allEnded = spec.containers.every((container, index) => {
    const one = latest[index]
    return one?.state === 'exited' && !restartsAfter(spec, container, one, restarting)
  })
  if (!allEnded) return undefined
  return latest.every((one) => one?.exitCode === 0) ? 'Succeeded' : 'Failed'
}
