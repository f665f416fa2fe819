import { objectKey } from '../kinds/kind.ts'
import { asPod, type KubeObject } from '../kube-object.ts'
import { readLoosely } from '../rest/decode.ts'
import { isDryRun } from '../rest/dry-run.ts'
import { answerJson } from '../rest/answer.ts'
import { nameOf, timestamp, type Call } from '../rest/call.ts'
import { isJsonObject, type JsonObject } from '../schema/json-value.ts'
import { badRequest, conflict, notFound, type Status } from '../status-error.ts'
import type { Change } from '../store/store.ts'
import type { PodCondition } from '../../domain/pod.ts'

/** POST of pods/NAME/binding: a scheduler gives the pod its node. */
export async function bindPod(call: Call): Promise<Response> {
  const { kind, namespace } = call.target
  const name = nameOf(call)
  const { node, annotations } = await readBinding(call)
  const dryRun = isDryRun(call)
  await call.server.store.write('pods', objectKey(kind, namespace, name), (latest): Change => {
    if (latest === undefined) throw notFound(kind, name)
    const object = bound(call, latest.object, node, annotations)
    return dryRun ? { kind: 'keep' } : { kind: 'put', object }
  })
  const status: Status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    code: 201,
  }
  return answerJson(call, status, 201)
}

function bound(call: Call, object: KubeObject, node: string, annotations: JsonObject): KubeObject {
  const { metadata, spec, status } = asPod(object)
  const resource = { group: '', plural: 'pods/binding' }
  if (metadata.deletionTimestamp !== undefined) {
    const why = `pod ${metadata.name} is being deleted, cannot be assigned to a host`
    throw conflict(resource, metadata.name, why)
  }
  if ((spec.nodeName ?? '') !== '') {
    const why = `pod ${metadata.name} is already assigned to node "${spec.nodeName}"`
    throw conflict(resource, metadata.name, why)
  }
  const merged = { ...metadata.annotations, ...annotations } as Record<string, string>
  return {
    ...object,
    metadata: Object.keys(merged).length === 0 ? metadata : { ...metadata, annotations: merged },
    spec: { ...spec, nodeName: node },
    status: { ...status, conditions: scheduled(call, status?.conditions ?? [], metadata) },
  }
}

function scheduled(
  call: Call,
  conditions: readonly PodCondition[],
  { generation }: KubeObject['metadata'],
): readonly PodCondition[] {
  const condition: PodCondition = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: timestamp(call.server.now()),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  }
  return [...conditions.filter(({ type }) => type !== 'PodScheduled'), condition]
}

async function readBinding(
  call: Call,
): Promise<{ readonly node: string; readonly annotations: JsonObject }> {
  const body = await readLoosely(call, 'core/v1.Binding')
  const target = isJsonObject(body['target']) ? body['target'] : {}
  const metadata = isJsonObject(body['metadata']) ? body['metadata'] : {}
  const { name, kind } = target
  if (typeof name !== 'string' || name === '' || (kind ?? 'Node') !== 'Node') {
    throw badRequest('Binding "" is invalid: target.name: Required value: it must name a Node')
  }
  const annotations = isJsonObject(metadata['annotations']) ? metadata['annotations'] : {}
  return { node: name, annotations }
}
