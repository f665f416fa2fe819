import { invalid, required, type FieldError } from '../../domain/field-error.ts'
import { asJson, type KubeObject } from '../kube-object.ts'
import { hasValue, objectAt, textAt } from '../schema/read-json.ts'
import { checkName, qualifiedName } from './name-rules.ts'

const mostBytes = { reportingInstance: 128, action: 128, reason: 128, message: 1024 }

/**
 * An event of the core group. One that says when it happened by `eventTime` must also say who
 * reports what.
 *
 * @see Kubernetes pkg/apis/core/validation/events.go, legacyValidateEvent
 */
export function validateEvent(event: KubeObject): readonly FieldError[] {
  const object = asJson(event)
  const about = textAt(objectAt(object, 'involvedObject') ?? {}, 'namespace')
  const own = event.metadata.namespace ?? ''
  const isNew = hasValue(object, 'eventTime')
  const matches = about === '' ? clusterNamespaces(isNew).includes(own) : isNew || about === own
  const misplaced = matches
    ? []
    : [invalid('involvedObject.namespace', about, 'does not match event.namespace')]
  if (!isNew) return misplaced
  const reporter = textAt(object, 'reportingComponent')
  return [
    ...misplaced,
    ...(reporter === '' ? [required('reportingComponent')] : []),
    ...checkName('reportingComponent', reporter, qualifiedName),
    ...['reportingInstance', 'action', 'reason'].flatMap((field) =>
      textAt(object, field) === '' ? [required(field)] : [],
    ),
    ...Object.entries(mostBytes).flatMap(([field, most]) =>
      Buffer.byteLength(textAt(object, field)) > most
        ? [invalid(field, '', `can have at most ${most} characters`)]
        : [],
    ),
  ]
}

/** Where events about objects without a namespace may be. */
function clusterNamespaces(isNew: boolean): readonly string[] {
  return isNew ? ['', 'default', 'kube-system'] : ['', 'default']
}
