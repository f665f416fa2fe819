import type { Container, PodSpec, ResourceList } from '../../pod.ts'
import { canonicalList } from '../request/defaults.ts'
import type { InfeasibleDetail } from '../admission/infeasible.ts'
import { atLeast, defaultVersion, type KubeVersion } from '../../kube-version.ts'

/** What happened to a resize, as far as people are told. */
export type ResizeNews =
  | { readonly kind: 'started' }
  | { readonly kind: 'completed' }
  | {
      readonly kind: 'deferred'
      /** The reason before it became `Deferred`, such as `OutOfcpu`. */
      readonly rawReason: string
      readonly message: string
    }
  | {
      readonly kind: 'infeasible'
      readonly message: string
      readonly detail: InfeasibleDetail
    }
  | { readonly kind: 'error'; readonly message: string }

/** An event of the pod, recorded by component `kubelet`. */
export interface ResizeEvent {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
}

const reasons = {
  started: 'ResizeStarted',
  completed: 'ResizeCompleted',
  deferred: 'ResizeDeferred',
  infeasible: 'ResizeInfeasible',
  error: 'ResizeError',
} as const

/**
 * The event that tells of `news`, in the words of the kubelet of `version`; `undefined`
 * where that kubelet says nothing.
 *
 * @param spec the desired spec for started, deferred and infeasible; the allocated one for
 *   completed and error.
 * @param generation of the spec for the former, of the condition for the latter.
 */
export function resizeEvent(
  news: ResizeNews,
  spec: PodSpec,
  generation: number,
  version: KubeVersion = defaultVersion,
): ResizeEvent | undefined {
  if (!isTold(news, version)) return undefined
  return {
    type: news.kind === 'started' || news.kind === 'completed' ? 'Normal' : 'Warning',
    reason: reasons[news.kind],
    message: messageFor(news, spec, generation, version),
  }
}

/** What the kubelet of 1.35 refuses before that has a condition, but no event. */
const toldIn135: ReadonlySet<InfeasibleDetail> = new Set([
  'guaranteed_pod_cpu_manager_static_policy',
  'guaranteed_pod_memory_manager_static_policy',
  'insufficient_node_allocatable',
])

function isTold(news: ResizeNews, version: KubeVersion): boolean {
  const { kind } = news
  if (atLeast(version, '1.36')) return true
  if (version === '1.35') return kind !== 'infeasible' || toldIn135.has(news.detail)
  if (version === '1.34') return kind === 'completed'
  return version === '1.32' && (kind === 'deferred' || kind === 'infeasible')
}

function messageFor(
  news: ResizeNews,
  spec: PodSpec,
  generation: number,
  version: KubeVersion,
): string {
  const error = 'message' in news ? news.message : ''
  if (!atLeast(version, '1.33')) return error
  const numbered = atLeast(version, '1.35') ? { generation, ...(error ? { error } : {}) } : {}
  return `Pod resize ${verbFor(news, version)}: ${goJson({ ...sizesOf(spec), ...numbered })}`
}

function verbFor(news: ResizeNews, version: KubeVersion): string {
  switch (news.kind) {
    case 'deferred':
      return atLeast(version, '1.36') ? news.rawReason : 'Deferred'
    case 'infeasible':
      return 'Infeasible'
    case 'started':
    case 'completed':
    case 'error':
      return news.kind
    default:
      return news satisfies never
  }
}

function sizesOf({ initContainers = [], containers }: PodSpec) {
  return {
    ...(initContainers.length > 0 ? { initContainers: initContainers.map(sizeEntry) } : {}),
    containers: containers.map(sizeEntry),
  }
}

function sizeEntry({ name, resources }: Container) {
  const limits = sorted(resources?.limits)
  const requests = sorted(resources?.requests)
  const claims = resources?.claims
  return {
    name,
    resources: {
      ...(limits ? { limits } : {}),
      ...(requests ? { requests } : {}),
      ...(claims && claims.length > 0 ? { claims } : {}),
    },
  }
}

function sorted(list: ResourceList | undefined): ResourceList | undefined {
  const entries = Object.entries(canonicalList(list ?? {}))
  if (entries.length === 0) return undefined
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** JSON as Go writes it: safe to embed in HTML. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
