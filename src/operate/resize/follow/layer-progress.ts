import type { LayerProgress } from './follow-state.ts'
import { resizeLayers, type LayerState, type ResizeLayer } from './layer-state.ts'

type States = Readonly<Record<ResizeLayer, LayerState>>
type Progress = Readonly<Record<ResizeLayer, LayerProgress>>

/** The layers when the patch is sent: those that hold the new values have nothing to do. */
export function progressAtStart(states: States): Progress {
  return ofEach((layer) => {
    const state = states[layer]
    return state.kind === 'reached' ? { state, unchanged: true } : { state }
  })
}

/** The layers as they are now, each with the time at which it was first reached. */
export function progressAfter(before: Progress, states: States, afterMs: number): Progress {
  return ofEach((layer) => {
    const state = states[layer]
    const { unchanged, afterMs: reachedAfterMs = afterMs } = before[layer]
    if (state.kind !== 'reached') return { state }
    return unchanged === true ? { state, unchanged } : { state, afterMs: reachedAfterMs }
  })
}

function ofEach(progress: (layer: ResizeLayer) => LayerProgress): Progress {
  const entries = resizeLayers.map((layer) => [layer, progress(layer)])
  return Object.fromEntries(entries) as Progress
}
