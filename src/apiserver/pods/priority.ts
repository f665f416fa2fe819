import type { Pod, PodSpec } from '../../domain/pod.ts'
import type { KubeObject } from '../kube-object.ts'
import type { Call } from '../rest/call.ts'
import { forbidden } from '../status-error.ts'

/** Where the store keeps them. */
export const priorityClasses = 'priorityclasses.scheduling.k8s.io'

export interface PriorityClass extends KubeObject {
  readonly value?: number
  readonly globalDefault?: boolean
  readonly preemptionPolicy?: string
}

export function asPriorityClass(object: KubeObject): PriorityClass {
  return object
}

/** In every cluster, above all that users can define. */
export const systemClasses: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
}

export function isSystemClass(name: string): boolean {
  return Object.hasOwn(systemClasses, name)
}

type Prioritised = PodSpec & { readonly priority?: number; readonly preemptionPolicy?: string }

/**
 * The new pod with the priority of its class, else of the default class.
 *
 * @throws StatusError 403 when there is no such class, or the pod says another number.
 * @see Kubernetes plugin/pkg/admission/priority
 */
export function withPriority(call: Call, pod: Pod): Pod {
  const spec: Prioritised = pod.spec
  const found = classOf(call, spec.priorityClassName ?? '')
  if (found === undefined) {
    if ((spec.priorityClassName ?? '') !== '') {
      throw refused(call, pod, `no PriorityClass with name ${spec.priorityClassName} was found`)
    }
    // A number without a class: the defaults have filled in 0 where there was none.
    refuseOther(call, pod, spec.priority, 0)
    return pod
  }
  const { value = 0, preemptionPolicy = 'PreemptLowerPriority', metadata } = found
  const given = spec.priority === 0 ? undefined : spec.priority
  refuseOther(call, pod, given, value)
  return {
    ...pod,
    spec: {
      ...spec,
      priorityClassName: metadata.name,
      priority: value,
      preemptionPolicy,
    },
  }
}

/** What every update keeps: only creation resolves the class. */
export function keepPriority(old: Pod, submitted: Pod): Pod {
  const [before, after]: Prioritised[] = [old.spec, submitted.spec]
  if (before === undefined || after === undefined) return submitted
  if ((before.priorityClassName ?? '') === '') return submitted
  const { priority = before.priority, preemptionPolicy = before.preemptionPolicy } = after
  return {
    ...submitted,
    spec: {
      ...after,
      ...(priority === undefined ? {} : { priority }),
      ...(preemptionPolicy === undefined ? {} : { preemptionPolicy }),
    },
  }
}

function classOf(call: Call, name: string): PriorityClass | undefined {
  const { store } = call.server
  if (name !== '') return store.latest(priorityClasses, name)?.object
  return store.listLatest(priorityClasses, '').find(({ object }) => {
    return asPriorityClass(object).globalDefault === true
  })?.object
}

function refuseOther(call: Call, pod: Pod, given: number | undefined, computed: number): void {
  if (given === undefined || given === computed) return
  const why = `the integer value of priority (${given}) must not be provided in pod spec; priority admission controller computed ${computed} from the given PriorityClass name`
  throw refused(call, pod, why)
}

function refused(call: Call, pod: Pod, why: string) {
  return forbidden(call.target.kind, pod.metadata.name, why)
}
