import type { KubeObject } from '../kube-object.ts'
import { ageAt } from './human-duration.ts'

export type Cell = string | number | boolean | null

/** One column of a kind's table, as `kubectl get` shows it. */
export interface Column {
  readonly name: string
  readonly type: 'string' | 'integer' | 'boolean' | 'date'
  readonly format?: 'name'
  readonly description: string
  /** Shown only by `-o wide`. @default false */
  readonly wide?: true
  /** `now` is milliseconds since 1970, for ages. */
  readonly cell: (object: KubeObject, now: number) => Cell
}

export const nameColumn: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Tells the object from others of its kind in the same namespace.',
  cell: (object) => object.metadata.name,
}

export const ageColumn: Column = {
  name: 'Age',
  type: 'string',
  description: 'How long ago the object was created.',
  cell: (object, now) => ageAt(now, object.metadata.creationTimestamp),
}

/** What every kind without columns of its own shows. */
export const genericColumns: readonly Column[] = [nameColumn, ageColumn]

/** `text`, or `<none>` where there is nothing to show. */
export function orNone(text: string | undefined): string {
  return text === undefined || text === '' ? '<none>' : text
}
