import { labelValue } from '../domain/labels/label-value.ts'
import type { LabelSelector, Pod, PodAffinityTerm } from '../domain/pod.ts'
import type { Unfit } from './fit.ts'
import { meetsRequirement } from './label-requirement.ts'
import type { NodeRoom } from './node-room.ts'

/** All nodes, and all pods that have one. */
export interface Cluster {
  readonly nodes: readonly NodeRoom[]
  readonly placed: readonly Pod[]
}

/**
 * Undefined if the node is near the pods that `pod` wants near it, far from those that it
 * does not, and from those that do not want it. What is only preferred does not count.
 *
 * @see Kubernetes pkg/scheduler/framework/plugins/interpodaffinity/filtering.go
 */
export function podAffinityUnfit(pod: Pod, node: NodeRoom, cluster: Cluster): Unfit | undefined {
  if (!isNearWanted(pod, node, cluster)) {
    return { reasons: ["node(s) didn't match pod affinity rules"], resolvable: false }
  }
  const others = cluster.placed.filter(({ metadata }) => metadata.uid !== pod.metadata.uid)
  const meets = (term: PodAffinityTerm, owner: Pod, target: Pod, at: Pod) =>
    isMeant(term, owner, target) && isNear(term, node, at, cluster)
  if (termsOf(pod, 'podAntiAffinity').some((term) => others.some((o) => meets(term, pod, o, o)))) {
    return { reasons: ["node(s) didn't match pod anti-affinity rules"], resolvable: true }
  }
  const disliked = others.some((other) =>
    termsOf(other, 'podAntiAffinity').some((term) => meets(term, other, pod, other)),
  )
  if (!disliked) return undefined
  return { reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"], resolvable: true }
}

function isNearWanted(pod: Pod, node: NodeRoom, cluster: Cluster): boolean {
  const terms = termsOf(pod, 'podAffinity')
  if (terms.some(({ topologyKey }) => labelValue(node.labels, topologyKey) === undefined))
    return false
  const wanted = cluster.placed.filter((other) => terms.every((term) => isMeant(term, pod, other)))
  const near = terms.every((term) => wanted.some((other) => isNear(term, node, other, cluster)))
  // The first of pods that want to be near each other may go anywhere.
  return near || (wanted.length === 0 && terms.every((term) => isMeant(term, pod, pod)))
}

function termsOf(
  { spec }: Pod,
  kind: 'podAffinity' | 'podAntiAffinity',
): readonly PodAffinityTerm[] {
  return spec.affinity?.[kind]?.requiredDuringSchedulingIgnoredDuringExecution ?? []
}

/** Whether `other` is on a node with the same value of the term's label as `node`. */
function isNear(
  { topologyKey }: PodAffinityTerm,
  node: NodeRoom,
  other: Pod,
  { nodes }: Cluster,
): boolean {
  const value = labelValue(node.labels, topologyKey)
  const there = nodes.find(({ name }) => name === other.spec.nodeName)
  return value !== undefined && labelValue(there?.labels, topologyKey) === value
}

/** Whether the term of `owner` speaks of `target`. */
function isMeant(term: PodAffinityTerm, owner: Pod, target: Pod): boolean {
  return (
    namesNamespace(term, owner, target.metadata.namespace ?? '') &&
    term.labelSelector !== undefined &&
    selects(term.labelSelector, target.metadata.labels ?? {})
  )
}

/** Of a namespace's labels only the one is known that every namespace has: its name. */
function namesNamespace(term: PodAffinityTerm, owner: Pod, namespace: string): boolean {
  const { namespaces = [], namespaceSelector } = term
  if (namespaces.includes(namespace)) return true
  if (namespaceSelector !== undefined) {
    return selects(namespaceSelector, { 'kubernetes.io/metadata.name': namespace })
  }
  return namespaces.length === 0 && namespace === (owner.metadata.namespace ?? '')
}

function selects(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
  labels: Readonly<Record<string, string>>,
): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labelValue(labels, key) === value) &&
    matchExpressions.every((asked) => meetsRequirement(asked, labelValue(labels, asked.key)))
  )
}
