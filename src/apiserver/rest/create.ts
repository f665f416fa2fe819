import { timestamp } from '../../domain/timestamp.ts'
import { answerObject, answerStored } from '../answer/answer.ts'
import { readObject } from '../body/read-object.ts'
import type { Call } from '../call.ts'
import { objectKey, resourceId } from '../kind/kind.ts'
import { kept } from '../kind/other-form.ts'
import type { KubeMeta, KubeObject } from '../kube-object.ts'
import { generateName } from '../meta/generate-name.ts'
import { ofClient } from '../meta/of-client.ts'
import { validateGenerateName, validateMeta } from '../meta/validate-meta.ts'
import { isDryRun } from '../query/dry-run.ts'
import { chargeQuotas } from '../quota/charge.ts'
import { alreadyExists, badRequest, invalid, noNameLeft } from '../status-error.ts'
import type { Change } from '../store/store.ts'
import { checkNamespaceOpen } from './namespace-open.ts'
import { withoutRepeatedOwners } from './repeated-owners.ts'
import { writeFor } from './write-for.ts'

/** POST to a collection. */
export async function createObject(call: Call): Promise<Response> {
  const submitted = await readObject(call)
  const { kind } = call.target
  const { answerCreate } = kind
  if (answerCreate === undefined) return storeNew(call, submitted)
  const { metadata } = submitted
  const own = kind.namespaced ? { namespace: namespaceOf(metadata, call.target.namespace) } : {}
  const question = { ...submitted, metadata: { ...metadata, ...own } }
  const errors = kind.validateCreate?.(question) ?? []
  if (errors.length > 0) throw invalid(kind, '', errors)
  return answerObject(call, { ...question, status: answerCreate(question, call) }, 201)
}

/** How many made names are tried before the client is told that they are taken. */
const mostNames = 8

/** Makes what is stored of a submitted new object, checks it and stores it. */
export async function storeNew(call: Call, submitted: KubeObject): Promise<Response> {
  const { kind } = call.target
  const { name: given, generateName: base = '' } = submitted.metadata
  const isMade = !given && base !== ''
  for (let left = isMade ? mostNames : 1; ; left--) {
    const object = admitNew(call, submitted)
    const response = await storeUnlessThere(call, object)
    if (response !== undefined) return response
    const { name } = object.metadata
    if (left === 1) throw isMade ? noNameLeft(kind, name) : alreadyExists(kind, name)
  }
}

/** Undefined when there is one of this name. A dry run decides all the same and stores nothing. */
async function storeUnlessThere(call: Call, object: KubeObject): Promise<Response | undefined> {
  const { kind } = call.target
  const { name, namespace } = object.metadata
  let made: KubeObject | undefined
  const key = objectKey(kind, namespace, name)
  const stored = await writeFor(call, resourceId(kind), key, (latest): Change => {
    made = undefined
    if (latest !== undefined) return { kind: 'keep' }
    checkNamespaceOpen(call, name)
    made = kind.allocate?.(object, call) ?? object
    chargeQuotas(call, made)
    return isDryRun(call) ? { kind: 'keep' } : { kind: 'put', object: kept(kind, made) }
  })
  if (made === undefined) return undefined
  return stored === undefined ? answerObject(call, made, 201) : answerStored(call, stored, 201)
}

function admitNew(call: Call, submitted: KubeObject): KubeObject {
  const { kind } = call.target
  const named = { ...submitted, metadata: newMeta(call, submitted.metadata) }
  const calledName = calledNameOf(submitted.metadata)
  checkNamespaceOpen(call, calledName)
  const complete = kind.applyDefaults?.(named) ?? named
  const object = kind.prepareCreate?.(complete, call, calledName) ?? complete
  const errors = [
    ...validateGenerateName(kind, object.metadata),
    ...validateMeta(kind, object.metadata),
    ...(kind.validateCreate?.(object) ?? []),
  ]
  if (errors.length > 0) throw invalid(kind, object.metadata.name, errors)
  kind.admitCreate?.(object, call)
  call.warnings.push(...(kind.warnCreate?.(object) ?? []))
  return object
}

/** @see Kubernetes apiserver/pkg/admission/errors.go, extractResourceName */
function calledNameOf({ name, generateName }: KubeMeta): string {
  return name || generateName || 'Unknown'
}

/** The metadata of a new object: the server's own fields set, whatever the client wrote there. */
function newMeta(call: Call, submitted: KubeMeta): KubeMeta {
  const { kind, namespace } = call.target
  const { resourceVersion = '', ...others } = submitted
  // To Go's clients 0 is as good as none.
  if (resourceVersion !== '' && resourceVersion !== '0') {
    throw badRequest('resourceVersion should not be set on objects to be created')
  }
  const kept = ofClient(withoutRepeatedOwners(call, others))
  const base = submitted.generateName ?? ''
  const name = submitted.name || (base === '' ? '' : generateName(base))
  return {
    ...kept,
    name,
    ...(kind.namespaced ? { namespace: namespaceOf(submitted, namespace) } : {}),
    uid: crypto.randomUUID(),
    ...(kind.counted ? { generation: 1 } : {}),
    creationTimestamp: timestamp(call.server.now()),
  }
}

/** The namespace of the path, which the object may repeat. */
export function namespaceOf(
  submitted: Pick<KubeMeta, 'namespace'>,
  namespace: string | undefined,
): string {
  const own = submitted.namespace ?? ''
  if (own !== '' && own !== namespace) {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    )
  }
  return namespace ?? ''
}
