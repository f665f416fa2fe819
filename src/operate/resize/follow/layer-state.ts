import type { FileCheck } from '../../cgroups/cgroup-checks.ts'

/** The five places where a size is written down, from the asking to the kernel. */
export const resizeLayers = [
  'desired',
  'allocated',
  'status',
  'containerCgroup',
  'podCgroup',
] as const
export type ResizeLayer = (typeof resizeLayers)[number]

export type LayerState =
  | { readonly kind: 'reached'; readonly checks?: readonly FileCheck[] }
  | { readonly kind: 'waiting'; readonly why: string; readonly checks?: readonly FileCheck[] }
  /** It cannot be looked at from here. */
  | { readonly kind: 'unseen'; readonly why: string }
  /** There is nothing to look at: the container does not run, or the pod has no node. */
  | { readonly kind: 'notNow'; readonly why: string }

export const reached: LayerState = { kind: 'reached' }

export function waiting(why: string): LayerState {
  return { kind: 'waiting', why }
}

/** The first state that is not `reached`, if all have to be. */
export function allOf(states: readonly LayerState[]): LayerState {
  const first =
    states.find(({ kind }) => kind === 'waiting') ?? states.find(({ kind }) => kind !== 'reached')
  if (first !== undefined) return first
  const checks = states.flatMap((state) => ('checks' in state ? (state.checks ?? []) : []))
  return checks.length === 0 ? reached : { kind: 'reached', checks }
}
