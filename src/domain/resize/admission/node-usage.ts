import type { Pod, PodSpec, ResourceList } from '../../pod.ts'
import { isOver } from '../../pod/is-over.ts'
import { podRequests } from '../../resources/pod-resources.ts'
import { milliValue, parseQuantity, wholeValue } from '../../quantity/quantity.ts'
import { countedSpec } from './counted-spec.ts'

/**
 * How much of a node something takes: CPU in millicores, everything else in whole units
 * (bytes, pods, devices).
 */
export type Amounts = Readonly<Record<string, number>>

/** The amounts in a list of quantities, fractions rounded up. */
export function amountsIn(list: ResourceList): Amounts {
  return Object.fromEntries(
    Object.entries(list).flatMap(([name, text]) => {
      const quantity = parseQuantity(text)
      if (quantity === undefined) return []
      return [[name, name === 'cpu' ? milliValue(quantity) : wholeValue(quantity)]]
    }),
  )
}

/** What a pod asks of a node by its spec alone. */
export function amountsOf(spec: PodSpec): Amounts {
  return Object.fromEntries(
    Object.entries(podRequests(spec)).map(([name, quantity]) => [
      name,
      name === 'cpu' ? milliValue(quantity) : wholeValue(quantity),
    ]),
  )
}

/**
 * What `pods` take of their node together, as the scheduler and the kubelet count it.
 *
 * Each container counts with the most of what its spec says, what the node has allocated
 * and what it really has, so that room is free only after a shrinking container has
 * shrunk; a resize that is Infeasible does not count with what it wanted. Pods that have
 * ended take nothing.
 *
 * The kubelet calls this with specs that hold the allocated resources, the scheduler
 * with the desired ones: there a Deferred resize takes the room it waits for. Pods are
 * remembered by identity, so never change one in place.
 *
 * @see component-helpers/resource/helpers.go, PodRequests with UseStatusResources.
 */
export function nodeUsage(pods: readonly Pod[]): Amounts {
  const active = pods.filter(isActive)
  const total: Record<string, number> = { pods: active.length }
  for (const pod of active) {
    for (const [name, amount] of usageOf(pod)) {
      total[name] = (total[name] ?? 0) + amount
    }
  }
  return total
}

// Each decision on a node counts all its pods, and most are the same objects as last time.
const known = new WeakMap<Pod, readonly (readonly [resource: string, amount: number])[]>()

function usageOf(pod: Pod): readonly (readonly [resource: string, amount: number])[] {
  const before = known.get(pod)
  if (before) return before
  const amounts = Object.entries(amountsOf(countedSpec(pod)))
  known.set(pod, amounts)
  return amounts
}

/** Whether the pod still holds its resources: its phase is neither Succeeded nor Failed. */
export function isActive(pod: Pod): boolean {
  return !isOver(pod.status)
}
