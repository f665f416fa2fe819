import type { Container, PodSpec } from '../pod.ts'
import { containersToStart, type ContainerToStart } from './containers-to-start.ts'
import { type CrashBackOff, mayStartAt } from './crash-back-off.ts'
import { endedPhase } from './ended-phase.ts'
import {
  type Instant,
  latestContainer,
  type ObservedContainer,
  type ObservedPod,
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
  context: DecisionContext,
): PodDecision {
  const { restarting } = context
  const ended = endedPhase(spec, observed, restarting)
  if (ended !== undefined) return { kind: 'finished', phase: ended }
  const sandbox = readySandbox(observed)
  if (sandbox === undefined) {
    // What runs still has to be killed, since another sandbox is of no use to it.
    const phase = endedPhase(spec, killed(observed), restarting)
    if (phase !== undefined) return { kind: 'finished', phase }
    return { kind: 'createSandbox', attempt: (observed.sandboxes[0]?.attempt ?? -1) + 1 }
  }
  return startOrWait(containersToStart(spec, observed, sandbox, context), observed, context)
}

/** Which of those that should be running start now, and which wait for their back-off. */
function startOrWait(
  due: readonly ContainerToStart[],
  observed: ObservedPod,
  { backOffs, restarting, now }: DecisionContext,
): PodDecision {
  const starts: ContainerStart[] = []
  const backingOff: BackingOff[] = []
  for (const { container, init } of due) {
    const previous = latestContainer(observed, container.name)
    const backOff = backOffs.get(container.name)
    const until =
      previous === undefined || isFree(previous, restarting)
        ? now
        : mayStartAt(backOff, previous.finishedAt ?? previous.createdAt)
    if (until > now && backOff !== undefined) {
      backingOff.push({ container: container.name, until, delayMs: backOff.delayMs })
    } else {
      const attempt = nextAttempt(previous)
      starts.push({ container, init, attempt, ...(previous === undefined ? {} : { previous }) })
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
