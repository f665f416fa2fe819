import type { KubeObject } from '../../kube-object.ts'
import { ageColumn, nameColumn, type Cell, type Column } from '../column.ts'

/** Any object's fields, for the few that these columns show. */
type View = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>

function view(object: KubeObject): View {
  return object as unknown as View
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function count(collection: unknown): number {
  return typeof collection === 'object' && collection !== null ? Object.keys(collection).length : 0
}

function column(
  name: string,
  type: Column['type'],
  description: string,
  cell: (object: KubeObject) => Cell,
): Column {
  return { name, type, description, cell }
}

function field(object: KubeObject, name: string): unknown {
  return (object as unknown as Record<string, unknown>)[name]
}

export const namespaceColumns: readonly Column[] = [
  nameColumn,
  column(
    'Status',
    'string',
    'Active, or Terminating while its objects are being deleted.',
    (object) => text(view(object)['status']?.['phase']),
  ),
  ageColumn,
]

export const configMapColumns: readonly Column[] = [
  nameColumn,
  column(
    'Data',
    'string',
    'How many keys it holds.',
    (object) => count(field(object, 'data')) + count(field(object, 'binaryData')),
  ),
  ageColumn,
]

export const secretColumns: readonly Column[] = [
  nameColumn,
  column('Type', 'string', 'What the secret is for.', (object) => text(field(object, 'type'))),
  column('Data', 'string', 'How many keys it holds.', (object) => count(field(object, 'data'))),
  ageColumn,
]

export const serviceAccountColumns: readonly Column[] = [
  nameColumn,
  column('Secrets', 'string', 'How many secrets it may use.', (object) =>
    count(field(object, 'secrets')),
  ),
  ageColumn,
]

export const leaseColumns: readonly Column[] = [
  nameColumn,
  column('Holder', 'string', 'Who holds it.', (object) =>
    text(view(object)['spec']?.['holderIdentity']),
  ),
  ageColumn,
]

export const limitRangeColumns: readonly Column[] = [
  nameColumn,
  column('Created At', 'date', 'When it was created.', (object) =>
    text(object.metadata.creationTimestamp),
  ),
]

export const priorityClassColumns: readonly Column[] = [
  nameColumn,
  column('Value', 'integer', 'The priority of pods of this class.', (object) =>
    Number(field(object, 'value') ?? 0),
  ),
  column('Global-Default', 'boolean', 'Whether pods without a class get this one.', (object) =>
    Boolean(field(object, 'globalDefault')),
  ),
  ageColumn,
  column('PreemptionPolicy', 'string', 'Whether its pods make room for themselves.', (object) =>
    text(field(object, 'preemptionPolicy')),
  ),
]

/** `cpu: 1/2, pods: 3/10` of those resources that are limits, or of the others. */
function quotaText(object: KubeObject, limits: boolean): string {
  const status = view(object)['status'] as
    | { hard?: Record<string, string>; used?: Record<string, string> }
    | undefined
  return Object.keys(status?.hard ?? {})
    .filter((resource) => resource.includes('limits') === limits)
    .toSorted()
    .map((name) => `${name}: ${status?.used?.[name] ?? '0'}/${status?.hard?.[name] ?? '0'}`)
    .join(', ')
}

export const resourceQuotaColumns: readonly Column[] = [
  nameColumn,
  column('Request', 'string', 'What is used of what may be requested.', (object) =>
    quotaText(object, false),
  ),
  column('Limit', 'string', 'What is used of the bound on limits.', (object) =>
    quotaText(object, true),
  ),
  ageColumn,
]
