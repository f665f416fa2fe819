import type { PodRef } from '../../operate/cluster/pod-client.ts'

/** How the pods of one output are called: with the namespace only where there are several. */
export function podLabels(refs: readonly PodRef[]): (ref: PodRef) => string {
  const several = new Set(refs.map(({ namespace }) => namespace)).size > 1
  return ({ namespace, name }) => (several ? `${namespace}/${name}` : name)
}
