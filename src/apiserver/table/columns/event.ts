import type { KubeObject } from '../../kube-object.ts'
import { nameColumn, type Column } from '../column.ts'
import { ageAt } from '../human-duration.ts'

interface ObjectReference {
  readonly kind?: string
  readonly name?: string
  readonly fieldPath?: string
}

interface Source {
  readonly component?: string
  readonly host?: string
}

/** An event of the core group or of events.k8s.io: the same thing with other field names. */
interface EventView {
  readonly type?: string
  readonly reason?: string
  readonly eventTime?: string | null
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string | null } | null
  readonly message?: string
  readonly note?: string
  readonly involvedObject?: ObjectReference
  readonly regarding?: ObjectReference
  readonly firstTimestamp?: string | null
  readonly deprecatedFirstTimestamp?: string | null
  readonly lastTimestamp?: string | null
  readonly deprecatedLastTimestamp?: string | null
  readonly count?: number
  readonly deprecatedCount?: number
  readonly source?: Source
  readonly deprecatedSource?: Source
  readonly reportingComponent?: string
  readonly reportingController?: string
  readonly reportingInstance?: string
}

function asEvent(object: KubeObject): EventView {
  return object as EventView
}

function firstSeen(event: EventView): string | null | undefined {
  return event.firstTimestamp ?? event.deprecatedFirstTimestamp ?? event.eventTime
}

function lastSeen(event: EventView): string | null | undefined {
  if (event.series) return event.series.lastObservedTime
  return event.lastTimestamp ?? event.deprecatedLastTimestamp ?? firstSeen(event)
}

function objectOf(event: EventView): ObjectReference {
  return event.involvedObject ?? event.regarding ?? {}
}

function objectText({ kind, name }: ObjectReference): string {
  const lower = (kind ?? '').toLowerCase()
  return name ? `${lower}/${name}` : lower
}

function sourceText(event: EventView): string {
  const source = event.source ?? event.deprecatedSource
  const component = source?.component || event.reportingComponent || event.reportingController
  return [component, source?.host || event.reportingInstance].filter(Boolean).join(', ')
}

function text(name: string, description: string, of: (event: EventView) => string): Column {
  return { name, type: 'string', description, cell: (object) => of(asEvent(object)) }
}

function wide(column: Column): Column {
  return { ...column, wide: true }
}

export const eventColumns: readonly Column[] = [
  {
    name: 'Last Seen',
    type: 'string',
    description: 'How long ago it happened the last time.',
    cell: (object, now) => ageAt(now, lastSeen(asEvent(object))),
  },
  text('Type', 'Normal or Warning.', (event) => event.type ?? ''),
  text('Reason', 'What happened, in one word.', (event) => event.reason ?? ''),
  text('Object', 'What it happened to.', (event) => objectText(objectOf(event))),
  wide(text('Subobject', 'Which part of it.', (event) => objectOf(event).fieldPath ?? '')),
  wide(text('Source', 'Who reported it.', sourceText)),
  text('Message', 'What happened.', (event) => (event.message ?? event.note ?? '').trim()),
  {
    name: 'First Seen',
    type: 'string',
    description: 'How long ago it happened the first time.',
    wide: true,
    cell: (object, now) => ageAt(now, firstSeen(asEvent(object))),
  },
  {
    name: 'Count',
    type: 'integer',
    description: 'How often it happened.',
    wide: true,
    cell: (object) => {
      const { series, count, deprecatedCount } = asEvent(object)
      return (series ? series.count : (count ?? deprecatedCount)) || 1
    },
  },
  wide(nameColumn),
]
