import { invalid, notSupported, required, type FieldError } from '../../domain/field-error.ts'
import { validateEventUpdate } from '../admission/validate-event-update.ts'
import { validateEvent } from '../admission/validate-event.ts'
import type { Kind } from '../kind/kind.ts'
import { asJson, asKubeObject, type KubeObject } from '../kube-object.ts'
import { isJsonObject, type JsonObject } from '../schema/json-value.ts'
import { textAt } from '../schema/read-json.ts'
import { eventColumns } from '../table/columns/event.ts'
import { events } from './events.ts'

const group = 'events.k8s.io'
const apiVersion = `${group}/v1`

/** Core's name of each field that events.k8s.io calls otherwise. */
const names: Readonly<Record<string, string>> = {
  deprecatedCount: 'count',
  deprecatedFirstTimestamp: 'firstTimestamp',
  deprecatedLastTimestamp: 'lastTimestamp',
  deprecatedSource: 'source',
  note: 'message',
  regarding: 'involvedObject',
  reportingController: 'reportingComponent',
}
const coreNames = Object.fromEntries(Object.entries(names).map(([own, core]) => [core, own]))

const regardingFields = [
  'apiVersion',
  'fieldPath',
  'kind',
  'name',
  'namespace',
  'resourceVersion',
  'uid',
]

/** The core group's events by other names of their fields, as client-go's newer recorder writes them. */
export const groupedEvents: Kind = {
  ...events,
  group,
  type: 'events/v1.Event',
  columns: eventColumns,
  storedAs: 'events',
  otherForm: {
    show: (object) =>
      object.apiVersion === apiVersion ? object : renamed(object, apiVersion, coreNames),
    keep: (object) => (object.apiVersion === apiVersion ? renamed(object, 'v1', names) : object),
  },
  selectable: {
    ...Object.fromEntries(
      regardingFields.map((field) => [`regarding.${field}`, reader(`involvedObject.${field}`)]),
    ),
    reason: reader('reason'),
    reportingController: reader('reportingComponent'),
    type: reader('type'),
  },
  validateCreate: validateGroupedEvent,
  validateUpdate: (old, submitted) => {
    const [before, after] = [renamed(old, 'v1', names), renamed(submitted, 'v1', names)]
    return [...validateEvent(after), ...validateEventUpdate(before, after)]
  },
}

function reader(coreField: string): (object: KubeObject) => string {
  return (object) => events.selectable?.[coreField]?.(object) ?? ''
}

function renamed(
  object: KubeObject,
  version: string,
  to: Readonly<Record<string, string>>,
): KubeObject {
  const { kind, metadata, ...rest } = asJson(object)
  const entries = Object.entries(rest).map(([name, value]) => [to[name] ?? name, value])
  const fields = Object.fromEntries(entries) as JsonObject
  // The newer form always says when, the older one always about what.
  const empty = version === apiVersion ? { eventTime: null } : { involvedObject: {} }
  return asKubeObject({
    ...empty,
    ...fields,
    ...(kind === undefined ? {} : { kind }),
    ...(metadata === undefined ? {} : { metadata }),
    apiVersion: version,
  })
}

/** @see Kubernetes pkg/apis/core/validation/events.go */
function validateGroupedEvent(event: KubeObject): readonly FieldError[] {
  const object = asJson(event)
  const { metadata } = event
  const regarding = isJsonObject(object['regarding']) ? object['regarding'] : {}
  const namespace = textAt(regarding, 'namespace') || 'default'
  const types = ['Normal', 'Warning']
  return [
    ...(namespace === metadata.namespace
      ? []
      : [invalid('involvedObject.namespace', namespace, 'does not match event.namespace')]),
    ...(object['eventTime'] ? [] : [required('eventTime')]),
    ...['reportingController', 'reportingInstance', 'action', 'reason'].flatMap((field) =>
      textAt(object, field) === '' ? [required(field)] : [],
    ),
    ...(types.includes(textAt(object, 'type'))
      ? []
      : [notSupported('type', textAt(object, 'type'), types)]),
  ]
}
