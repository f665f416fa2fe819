import type { Pod, PodSpec } from '../../domain/pod.ts'
import type { Call } from '../call.ts'
import type { KubeObject } from '../kube-object.ts'
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
 * The new pod with the priority of its class, else of the default class, else 0.
 *
 * @param calledName what the client calls the pod.
 * @throws StatusError 403 when there is no such class, or the pod says something else.
 * @see Kubernetes plugin/pkg/admission/priority
 */
export function withPriority(call: Call, pod: Pod, calledName: string): Pod {
  const spec: Prioritised = pod.spec
  const { priorityClassName: asked = '' } = spec
  const refused = (why: string) => forbidden(call.target.kind, calledName, why)
  const found = classOf(call, asked)
  if (found === undefined && asked !== '') {
    throw refused(`no PriorityClass with name ${asked} was found`)
  }
  const { value: priority = 0, preemptionPolicy = 'PreemptLowerPriority' } = found ?? {}
  const claims = [
    ['integer value of priority', spec.priority, priority],
    ['string value of PreemptionPolicy', spec.preemptionPolicy, preemptionPolicy],
  ] as const
  for (const [what, given, computed] of claims) {
    if (given === undefined || given === computed) continue
    const why = `the ${what} (${given}) must not be provided in pod spec; priority admission controller computed ${computed} from the given PriorityClass name`
    throw refused(why)
  }
  const named = found === undefined ? {} : { priorityClassName: found.metadata.name }
  return { ...pod, spec: { ...spec, ...named, priority, preemptionPolicy } }
}

/** What every update keeps: only creation resolves the class. */
export function keepPriority(old: Pod, submitted: Pod): Pod {
  const [before, after]: Prioritised[] = [old.spec, submitted.spec]
  if (before === undefined || after === undefined) return submitted
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
