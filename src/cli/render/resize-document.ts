import { resourcesOf } from '../../domain/resources/size.ts'
import type { Pod } from '../../domain/pod.ts'
import type { FollowState } from '../../operate/resize/follow/follow-state.ts'
import { containersOfPart, type PodPart } from '../../operate/pod-part.ts'
import { type PodRef } from '../../operate/cluster/pod-client.ts'
import type { PreparedResize } from '../../operate/resize/prepare-resize.ts'
import { resizeLayers } from '../../operate/resize/follow/layer-state.ts'
import type { ResizeEnd } from '../../operate/resize/resize-end.ts'
import { exitCodes } from '../exit-codes.ts'
import { exitOfEnd } from './resize-verdict.ts'

/** What was, or would be, sent. */
export function sentDocument(ref: PodRef, { change, patch, read }: PreparedResize): object {
  const { container, before, after, restartsFor, restarting } = change
  return {
    namespace: ref.namespace,
    name: ref.name,
    ...(read.metadata.uid === undefined ? {} : { uid: read.metadata.uid }),
    ...(container === undefined ? { podLevel: true } : { container }),
    before: resourcesOf(before),
    after: resourcesOf(after),
    restartsFor,
    restarting,
    patch,
  }
}

function layerDocuments(state: FollowState): readonly object[] {
  return resizeLayers.map((layer) => {
    const { state: seen, afterMs, unchanged } = state.layers[layer]
    return {
      layer,
      state: seen.kind,
      ...(afterMs === undefined ? {} : { afterMs: Math.round(afterMs * 10) / 10 }),
      ...(unchanged === undefined ? {} : { unchanged }),
      ...('why' in seen ? { why: seen.why } : {}),
      ...('checks' in seen ? { files: seen.checks } : {}),
    }
  })
}

/** Of the container that changes, or of all where the pod itself does. */
function restartsOf(pod: Pod, part: PodPart): number {
  return containersOfPart(pod, part).reduce(
    (sum, { status }) => sum + (status?.restartCount ?? 0),
    0,
  )
}

function followedDocument(state: FollowState): object {
  const restarts = (pod: Pod) => restartsOf(pod, state.target.part)
  return {
    layers: layerDocuments(state),
    restartCount: { before: restarts(state.target.before), after: restarts(state.pod) },
    cgroups: state.look.kind === 'seen' ? state.look.source : state.look.why,
    outcome: state.outcome,
  }
}

/** How a resize went, for programs. */
export function resizeDocument(ref: PodRef, resize: PreparedResize, end: ResizeEnd): object {
  const exitCode = exitCodes[exitOfEnd(end)]
  const sent = sentDocument(ref, resize)
  switch (end.kind) {
    case 'followed':
      return { ...sent, ...followedDocument(end.state), exitCode }
    case 'refused':
      return { ...sent, outcome: { kind: 'rejected', ...end.refusal }, exitCode }
    case 'missing':
    case 'changedMeanwhile':
      return { ...sent, outcome: { kind: end.kind }, exitCode }
    default:
      return end satisfies never
  }
}
