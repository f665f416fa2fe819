import { sizeOf, type Size } from '../../domain/resources/size.ts'
import { containerNamed } from '../../operate/containers.ts'
import type { FollowOutcome, FollowState } from '../../operate/resize/follow/follow-state.ts'
import { grantedPodLevel } from '../../operate/held-size.ts'
import { nodeReason } from '../../operate/node-reason.ts'
import { type ApiRefusal, type PodRef } from '../../operate/cluster/pod-client.ts'
import { partText, type PodPart } from '../../operate/pod-part.ts'
import type { PreparedResize } from '../../operate/resize/prepare-resize.ts'
import { resizeLayers } from '../../operate/resize/follow/layer-state.ts'
import type { ResizeEnd } from '../../operate/resize/resize-end.ts'
import { CliError } from '../cli-error.ts'
import { formatMilliseconds } from './duration.ts'
import { type Exit } from '../exit-codes.ts'
import { formatSize } from './resize-lines.ts'
import { type Paint, type Style } from '../terminal.ts'

function exitOfOutcome(outcome: FollowOutcome | undefined): Exit {
  switch (outcome?.kind) {
    case 'done':
      return outcome.unseen.length === 0 ? 'done' : 'warnings'
    case 'drift':
    case 'deferred':
    case 'infeasible':
    case 'failing':
    case 'superseded':
    case 'gone':
      return 'no'
    case 'timedOut':
    case undefined:
      return 'timedOut'
    default:
      return outcome satisfies never
  }
}

/** The exit code that tells a script how a resize ended. */
export function exitOfEnd(end: ResizeEnd): Exit {
  return end.kind === 'followed' ? exitOfOutcome(end.state.outcome) : 'no'
}

/** From the sending of the patch to the last layer that was reached. */
export function totalMs({ layers }: FollowState): number {
  return Math.max(0, ...resizeLayers.map((layer) => layers[layer].afterMs ?? 0))
}

/** What the node reports now: what holds while a resize does not come through. */
function reportedSize({ pod }: FollowState, part: PodPart): Size {
  if (part === undefined) return grantedPodLevel(pod)
  return sizeOf(containerNamed(pod, part)?.status?.resources)
}

function driftText({ layers }: FollowState): string {
  return [layers.containerCgroup.state, layers.podCgroup.state]
    .flatMap((state) => (state.kind === 'waiting' ? [state] : []))
    .flatMap(({ checks = [], why }) => {
      const wrong = checks.filter(({ ok }) => !ok)
      if (wrong.length === 0) return [why]
      return wrong.map(
        ({ file, found, expected }) => `${file} says ${found}, should say ${expected.join(' or ')}`,
      )
    })
    .join('; ')
}

/** The outcome of a followed resize in one line, as [style, text]. */
function outcomeText(
  resize: PreparedResize,
  state: FollowState,
  outcome: FollowOutcome,
): readonly [Style, string] {
  const { container, after } = resize.change
  const keeps = `${partText(container)} keeps ${formatSize(reportedSize(state, container))}`
  const waited = formatMilliseconds(state.deadline - state.sentAt)
  switch (outcome.kind) {
    case 'done': {
      const moved = resizeLayers.some((layer) => state.layers[layer].afterMs !== undefined)
      const time = moved ? `after ${formatMilliseconds(totalMs(state))}` : 'already'
      const done = `${partText(container)} has ${formatSize(after)} ${time}`
      const by =
        state.look.kind === 'unseen'
          ? 'by the API; the kernel was not seen'
          : 'by all that was seen; not seen'
      return outcome.unseen.length === 0
        ? ['green', `done and verified: ${done}`]
        : ['yellow', `done: ${done}, ${by}: ${outcome.unseen.join('; ')}`]
    }
    case 'drift':
      return ['red', `drift: the API says done, the kernel does not hold it: ${driftText(state)}`]
    case 'deferred':
      return [
        'yellow',
        `deferred after ${waited}: ${nodeReason(outcome)}; ${keeps}. The node goes on trying`,
      ]
    case 'infeasible':
      return ['red', `infeasible: ${nodeReason(outcome)}; ${keeps}. It is not tried again`]
    case 'failing':
      return [
        'red',
        `failing after ${waited}: ${outcome.message}; ${keeps}. The node goes on trying`,
      ]
    case 'superseded':
      return ['yellow', `superseded: somebody asked for another size in the meantime`]
    case 'gone':
      return ['red', `gone: the pod was deleted in the meantime`]
    case 'timedOut':
      return ['red', `timed out after ${waited} at ${outcome.waitingFor}: ${outcome.why}`]
    default:
      return outcome satisfies never
  }
}

/** The API server's own words, as kubectl shows them. */
export function refusedLine({ reason, message }: ApiRefusal): CliError {
  return new CliError('no', `The API server refuses (${reason}): ${message}`)
}

/** The last line of `podfit resize`: the verdict. */
export function verdictOf(
  ref: PodRef,
  resize: PreparedResize,
  end: ResizeEnd,
  paint: Paint,
): string {
  if (end.kind === 'changedMeanwhile') {
    return `pod ${ref.name} changed since it was read: nothing was sent, run it again`
  }
  if (end.kind !== 'followed' || end.state.outcome === undefined) return ''
  const [style, text] = outcomeText(resize, end.state, end.state.outcome)
  return paint(style, text)
}
