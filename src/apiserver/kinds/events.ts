import { validateEvent } from '../admission/validate-event.ts'
import type { Kind } from '../kind/kind.ts'
import type { KubeObject } from '../kube-object.ts'
import { eventColumns } from '../table/columns/event.ts'

type Part = Readonly<Record<string, unknown>> | undefined

interface Event extends KubeObject {
  readonly involvedObject?: Part
  readonly source?: Part
  readonly reason?: string
  readonly type?: string
  readonly reportingComponent?: string
}

const involvedFields = [
  'apiVersion',
  'fieldPath',
  'kind',
  'name',
  'namespace',
  'resourceVersion',
  'uid',
] as const

export const events: Kind = {
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  namespaced: true,
  type: 'core/v1.Event',
  columns: eventColumns,
  createOnUpdate: true,
  validateCreate: validateEvent,
  validateUpdate: (_old, submitted) => validateEvent(submitted),
  selectable: {
    ...Object.fromEntries(
      involvedFields.map((field) => [
        `involvedObject.${field}`,
        (object: KubeObject) => text((object as Event).involvedObject?.[field]),
      ]),
    ),
    reason: (object) => (object as Event).reason ?? '',
    reportingComponent: (object) => (object as Event).reportingComponent ?? '',
    source: (object) => {
      const { source, reportingComponent } = object as Event
      return text(source?.['component']) || (reportingComponent ?? '')
    },
    type: (object) => (object as Event).type ?? '',
  },
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
