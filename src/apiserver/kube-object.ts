import type { ObjectMeta, Pod } from '../domain/pod.ts'
import type { JsonObject } from './schema/json-value.ts'

/**
 * Any Kubernetes object. The named fields are what every kind has; the rest is
 * carried as it came. Stored objects are shared and never changed in place.
 */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: KubeMeta
  readonly spec?: unknown
  readonly status?: unknown
}

export type KubeMeta = ObjectMeta & {
  readonly generateName?: string
  readonly managedFields?: readonly unknown[]
}

/** The same object as plain JSON, for code that walks fields. */
export function asJson(object: KubeObject): JsonObject {
  return object as unknown as JsonObject
}

/** The inverse of asJson, after the caller has checked `metadata`. */
export function asKubeObject(object: JsonObject): KubeObject {
  return object as unknown as KubeObject
}

/** A pod, where the kind is known to be one and the schema was checked. */
export function asPod(object: KubeObject): Pod {
  return object as unknown as Pod
}

/**
 * The JSON text of an object as kube-apiserver prints it: kind and apiVersion
 * first, so that list items can leave them out by cutting a fixed prefix.
 */
export function printObject(object: KubeObject): string {
  const { kind, apiVersion, ...rest } = object
  return JSON.stringify({ kind, apiVersion, ...rest })
}

/** Object JSON without kind and apiVersion, as items of a typed list have it. */
export function listItem(object: KubeObject, json: string): string {
  return `{${json.slice(typePrefix(object).length)}`
}

function typePrefix(object: KubeObject): string {
  return `{"kind":${JSON.stringify(object.kind)},"apiVersion":${JSON.stringify(object.apiVersion)},`
}
