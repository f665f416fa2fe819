import type { KubeMeta, KubeObject } from '../kube-object.ts'
import { genericColumns, type Cell, type Column } from './column.ts'

export interface ColumnDefinition {
  readonly name: string
  readonly type: string
  readonly format: string
  readonly description: string
  /** 0 always shown, 1 only where there is room (`-o wide`). */
  readonly priority: number
}

/** The versions in which a Table and bare metadata can be asked for; they hold the same. */
export type MetaVersion = 'meta.k8s.io/v1' | 'meta.k8s.io/v1beta1'

export interface PartialObjectMetadata {
  readonly kind: 'PartialObjectMetadata'
  readonly apiVersion: MetaVersion
  readonly metadata: KubeMeta
}

export interface TableRow {
  readonly cells: readonly Cell[]
  readonly object?: KubeObject | PartialObjectMetadata
}

/** meta.k8s.io Table: objects printed by the server, for `kubectl get`. */
export interface Table {
  readonly kind: 'Table'
  readonly apiVersion: MetaVersion
  readonly metadata: Readonly<Record<string, unknown>>
  readonly columnDefinitions: readonly ColumnDefinition[] | null
  readonly rows: readonly TableRow[]
}

export const includeObjectValues = ['None', 'Metadata', 'Object'] as const

/** How much of each object goes with its row. */
export type IncludeObject = (typeof includeObjectValues)[number]

export interface TableOptions {
  /** Milliseconds since 1970, for ages. */
  readonly now: number
  readonly metaVersion: MetaVersion
  /** @default Metadata */
  readonly includeObject?: IncludeObject
  /** False leaves the column definitions out, as in all but a watch's first event. @default true */
  readonly withColumns?: boolean
  /** resourceVersion, continue and remainingItemCount of the list. */
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** `columns` of `objects` as a Table; kinds without columns show name and age. */
export function printTable(
  columns: readonly Column[] | undefined,
  objects: readonly KubeObject[],
  options: TableOptions,
): Table {
  const shown = columns ?? genericColumns
  return {
    kind: 'Table',
    apiVersion: options.metaVersion,
    metadata: options.metadata ?? {},
    columnDefinitions: (options.withColumns ?? true) ? shown.map(definition) : null,
    rows: objects.map((object) => row(shown, object, options)),
  }
}

function definition({ name, type, format, description, wide }: Column): ColumnDefinition {
  return { name, type, format: format ?? '', description, priority: wide ? 1 : 0 }
}

function row(columns: readonly Column[], object: KubeObject, options: TableOptions): TableRow {
  const cells = columns.map((column) => column.cell(object, options.now))
  const include = options.includeObject ?? 'Metadata'
  switch (include) {
    case 'None':
      return { cells }
    case 'Metadata':
      return { cells, object: partialMetadata(object, options.metaVersion) }
    case 'Object':
      return { cells, object }
    default:
      return include satisfies never
  }
}

/** The object without spec and status, for clients that ask for metadata only. */
export function partialMetadata(
  { metadata }: KubeObject,
  apiVersion: MetaVersion,
): PartialObjectMetadata {
  return { kind: 'PartialObjectMetadata', apiVersion, metadata }
}
