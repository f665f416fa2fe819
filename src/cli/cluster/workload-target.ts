import type { Pod } from '../../domain/pod.ts'
import type { LabelSelector, NodeSelectorRequirement } from '../../domain/pod/placement.ts'
import type { KubeObject } from '../../kube/object/kube-object.ts'
import { isKubeError } from '../../kube/client/kube-error.ts'
import type { KubeResource } from '../../kube/object/resource.ts'
import { CliError } from '../cli-error.ts'
import type { Terminal } from '../terminal.ts'
import type { Cluster } from './connection.ts'
import type { PodTargets, Targets } from './targets.ts'

interface Workload extends KubeObject {
  readonly spec?: { readonly selector?: LabelSelector }
}

function workload(group: string, plural: string, kind: string): KubeResource<Workload> {
  return { group, version: 'v1', plural, kind, namespaced: true }
}

const [deployments, statefulSets, daemonSets, replicaSets, jobs] = [
  workload('apps', 'deployments', 'Deployment'),
  workload('apps', 'statefulsets', 'StatefulSet'),
  workload('apps', 'daemonsets', 'DaemonSet'),
  workload('apps', 'replicasets', 'ReplicaSet'),
  workload('batch', 'jobs', 'Job'),
]

/** What kubectl calls the kinds that have pods, short and long. */
const kinds: ReadonlyMap<string, KubeResource<Workload>> = new Map([
  ...['deploy', 'deployment', 'deployments'].map((word) => [word, deployments] as const),
  ...['sts', 'statefulset', 'statefulsets'].map((word) => [word, statefulSets] as const),
  ...['ds', 'daemonset', 'daemonsets'].map((word) => [word, daemonSets] as const),
  ...['rs', 'replicaset', 'replicasets'].map((word) => [word, replicaSets] as const),
  ...['job', 'jobs'].map((word) => [word, jobs] as const),
])

/** All pods of one workload. */
export interface WorkloadTarget {
  readonly kind: 'workload'
  readonly resource: KubeResource<Workload>
  readonly name: string
}

/** What `deploy/web` means; undefined for anything else. */
export function parseWorkload(text: string): WorkloadTarget | undefined {
  const [kind = '', name, ...more] = text.split('/')
  const resource = kinds.get(kind.toLowerCase())
  if (resource === undefined || !name || more.length > 0) return undefined
  return { kind: 'workload', resource, name }
}

/**
 * Whether the workload has made the pod; without a workload every pod is meant. Others may have the
 * labels of its selector, too.
 */
export function isOf({ metadata }: Pod, workload: WorkloadTarget | undefined): boolean {
  if (workload === undefined) return true
  const { resource, name } = workload
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true)
  const isOwned = (kind: string, by: string) => owner?.['kind'] === kind && owner['name'] === by
  if (resource !== deployments) return isOwned(resource.kind, name)
  // A Deployment names its ReplicaSets after itself and the hash of their template.
  return isOwned('ReplicaSet', `${name}-${metadata.labels?.['pod-template-hash']}`)
}

/**
 * The same with the selector of a workload in its place, read once.
 *
 * @throws CliError (error) if there is no such workload.
 */
export async function podTargets(
  { client, namespace }: Pick<Cluster, 'client' | 'namespace'>,
  targets: Targets,
  verb: string,
  signal: AbortSignal,
): Promise<PodTargets> {
  if (targets.kind !== 'workload') return targets
  const { resource, name } = targets
  const { spec } = await client
    .get(resource, { namespace, name }, { signal })
    .catch((error: unknown) => {
      if (!isKubeError(error, 'NotFound')) throw error
      const what = `${resource.kind} ${name}`
      throw new CliError('error', `Cannot ${verb}: there is no ${what} in namespace ${namespace}`)
    })
  const labelSelector = labelsText(spec?.selector)
  return { kind: 'selected', labelSelector, allNamespaces: false, ownedBy: targets }
}

/** What a resize of all pods of a workload leaves as it is, for people. */
export function tellTemplate(targets: Targets, { stderr }: Pick<Terminal, 'stderr'>): void {
  if (targets.kind !== 'workload') return
  const { resource, name } = targets
  stderr.write(
    `the template of ${resource.kind} ${name} stays as it is: pods that it makes later have its size\n`,
  )
}

/** A selector as `-l` has it. */
function labelsText({ matchLabels = {}, matchExpressions = [] }: LabelSelector = {}): string {
  const equal = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`)
  return [...equal, ...matchExpressions.map(requirementText)].join(',')
}

function requirementText({ key, operator, values = [] }: NodeSelectorRequirement): string {
  switch (operator) {
    case 'Exists':
      return key
    case 'DoesNotExist':
      return `!${key}`
    default:
      return `${key} ${operator.toLowerCase()} (${values.join(',')})`
  }
}
