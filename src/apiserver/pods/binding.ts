import { notSupported, required } from '../../domain/field-error.ts'
import { atLeast } from '../../domain/kube-version.ts'
import type { Pod, PodCondition } from '../../domain/pod.ts'
import { timestamp } from '../../domain/timestamp.ts'
import { answerCreated } from '../answer/answer.ts'
import { readTyped } from '../body/read-object.ts'
import { nameOf, type Call } from '../call.ts'
import { asPod, type KubeObject } from '../kube-object.ts'
import { isDryRun } from '../query/dry-run.ts'
import { namespaceOf } from '../rest/create.ts'
import { checkPreconditions, type Preconditions } from '../rest/preconditions.ts'
import { writeFor } from '../rest/write-for.ts'
import { isJsonObject, type JsonObject } from '../schema/json-value.ts'
import { objectType } from '../schema/object-type.ts'
import { textAt } from '../schema/read-json.ts'
import { badRequest, conflict, invalid, notFound } from '../status-error.ts'
import type { Change } from '../store/store.ts'

/** POST of pods/NAME/binding: a scheduler gives the pod its node. */
export async function bindPod(call: Call): Promise<Response> {
  const binding = await readBinding(call)
  if (binding.name !== nameOf(call)) {
    throw badRequest('name in URL does not match name in Binding object')
  }
  return bind(call, binding)
}

/**
 * POST of bindings, the way of older schedulers: the Binding has the name of its pod.
 *
 * @see Kubernetes pkg/registry/core/pod/storage/storage.go, LegacyBindingREST
 */
export async function bindPodByName(call: Call): Promise<Response> {
  const binding = await readBinding(call)
  if (binding.name === '') throw badRequest('Name parameter required.')
  return bind(call, binding)
}

async function bind(call: Call, binding: Binding): Promise<Response> {
  const { name } = binding
  const key = `${call.target.namespace ?? ''}/${name}`
  const dryRun = isDryRun(call)
  await writeFor(call, pods.plural, key, (latest): Change => {
    if (latest === undefined) throw notFound(pods, name)
    checkPreconditions(pods, latest.object.metadata, binding)
    const object = bound(call, latest.object, binding)
    return dryRun ? { kind: 'keep' } : { kind: 'put', object }
  })
  return answerCreated(call)
}

const pods = { group: '', plural: 'pods' }

/** What a Binding asks for. */
interface Binding extends Preconditions {
  /** The pod's. */
  readonly name: string
  readonly node: string
  readonly annotations: JsonObject
}

function bound(call: Call, object: KubeObject, { node, annotations }: Binding): KubeObject {
  const { metadata, spec, status } = asPod(object)
  const why = obstacle(asPod(object))
  if (why !== undefined) {
    const resource = { group: '', plural: 'pods/binding' }
    throw conflict(resource, metadata.name, `pod ${metadata.name} ${why}`)
  }
  const merged = { ...metadata.annotations, ...annotations } as Record<string, string>
  return {
    ...object,
    metadata: Object.keys(merged).length === 0 ? metadata : { ...metadata, annotations: merged },
    spec: { ...spec, nodeName: node },
    status: { ...status, conditions: scheduled(call, status?.conditions ?? [], metadata) },
  }
}

/** Why the pod cannot be given a node. */
function obstacle({ metadata, spec }: Pod): string | undefined {
  if (metadata.deletionTimestamp !== undefined) {
    return 'is being deleted, cannot be assigned to a host'
  }
  if ((spec.nodeName ?? '') !== '') return `is already assigned to node "${spec.nodeName}"`
  return (spec.schedulingGates ?? []).length > 0 ? 'has non-empty .spec.schedulingGates' : undefined
}

function scheduled(
  call: Call,
  conditions: readonly PodCondition[],
  { generation }: KubeObject['metadata'],
): readonly PodCondition[] {
  const numbered = atLeast(call.server.version, '1.34')
  const condition: PodCondition = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: timestamp(call.server.now()),
    ...(numbered && generation !== undefined ? { observedGeneration: generation } : {}),
  }
  return [...conditions.filter(({ type }) => type !== 'PodScheduled'), condition]
}

const bindingTarget = { type: objectType('core/v1.Binding'), apiVersion: 'v1', kind: 'Binding' }

/**
 * @throws StatusError 400 for one of another namespace than the path's, 422 for one without a node.
 * @see Kubernetes pkg/registry/core/pod/storage/storage.go, BindingREST.Create
 */
async function readBinding(call: Call): Promise<Binding> {
  const body = await readTyped(call, bindingTarget)
  const { target, metadata } = body
  const meta = isJsonObject(metadata) ? metadata : {}
  namespaceOf({ namespace: textAt(meta, 'namespace') }, call.target.namespace)
  const asked = isJsonObject(target) ? target : {}
  const [wanted, node] = [textAt(asked, 'kind'), textAt(asked, 'name')]
  const isNode = wanted === '' || wanted === 'Node'
  const errors = [
    ...(isNode ? [] : [notSupported('target.kind', wanted, ['Node', '<empty>'])]),
    ...(node === '' ? [required('target.name')] : []),
  ]
  // kube-apiserver answers 500 for want of a strategy that would tell what is invalid.
  const kind = { group: '', kind: 'Binding' }
  if (errors.length > 0) throw invalid(kind, textAt(meta, 'name'), errors)
  const { annotations } = meta
  return {
    name: textAt(meta, 'name'),
    node,
    annotations: isJsonObject(annotations) ? annotations : {},
    uid: textAt(meta, 'uid'),
    resourceVersion: textAt(meta, 'resourceVersion'),
  }
}
