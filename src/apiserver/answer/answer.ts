import { nameOf, type Call } from '../call.ts'
import { apiVersion, type Kind } from '../kind/kind.ts'
import { shown, shownStored } from '../kind/other-form.ts'
import { listItem, printObject, type KubeObject } from '../kube-object.ts'
import { readIncludeObject } from '../query/include-object.ts'
import type { Status } from '../status-error.ts'
import type { Stored } from '../store/stored.ts'
import { partialMetadata, printTable, type TableOptions } from '../table/print.ts'
import { compressed } from './compress.ts'
import { encodeJson } from './encode.ts'
import { negotiate, type Format } from './negotiate.ts'
import { warningHeader } from './warning-header.ts'

/** metadata of a list. */
export interface ListMeta {
  readonly resourceVersion: string
  readonly continue?: string
  readonly remainingItemCount?: number
}

/** Answers with one object in the form that the client asked for. */
export function answerObject(call: Call, given: KubeObject, code = 200): Promise<Response> {
  const object = shown(call.target.kind, given)
  return answerPrinted(call, object, () => printObject(object), code)
}

/** As answerObject, with the JSON that the store has printed already. */
export function answerStored(call: Call, given: Stored, code = 200): Promise<Response> {
  const stored = shownStored(call.target.kind, given)
  return answerPrinted(call, stored.object, () => stored.json, code)
}

/** Answers with something that is not of the call's kind and has no other shapes. */
export function answerJson(call: Call, value: unknown, code = 200): Promise<Response> {
  const format = negotiate(call.request.headers.get('accept'))
  return encode(call, format, `${JSON.stringify(value)}\n`, code)
}

/** The Status that a deletion answers with when there is no object to show. */
export function answerDeleted(call: Call, object: KubeObject | undefined): Promise<Response> {
  const { kind } = call.target
  const details = {
    name: nameOf(call),
    ...(kind.group === '' ? {} : { group: kind.group }),
    kind: kind.plural,
    ...(object?.metadata.uid === undefined ? {} : { uid: object.metadata.uid }),
  }
  return answerJson(call, success({ details }))
}

/** The Status that a Binding or an Eviction answers with: it is done, and there is nothing to show. */
export function answerCreated(call: Call): Promise<Response> {
  return answerJson(call, success({ code: 201 }), 201)
}

function success(more: Pick<Status, 'details' | 'code'>): Status {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', ...more }
}

/** Answers with a list in the form that the client asked for. */
export function answerList(
  call: Call,
  stored: readonly Stored[],
  metadata: ListMeta,
): Promise<Response> {
  const { kind } = call.target
  const items = kind.otherForm === undefined ? stored : stored.map((one) => shownStored(kind, one))
  const format = negotiate(call.request.headers.get('accept'))
  switch (format.shape) {
    case 'object':
      return encode(call, format, printList(kind, items, metadata), 200)
    case 'metadata': {
      const list = {
        kind: 'PartialObjectMetadataList',
        apiVersion: format.metaVersion,
        metadata,
        items: items.map(({ object }) => partialMetadata(object, format.metaVersion)),
      }
      return encode(call, format, `${JSON.stringify(list)}\n`, 200)
    }
    case 'table': {
      const objects = items.map(({ object }) => object)
      const table = printTable(kind.columns, objects, tableOptions(call, format, metadata))
      return encode(call, format, `${JSON.stringify(table)}\n`, 200)
    }
    default:
      return format.shape satisfies never
  }
}

function answerPrinted(
  call: Call,
  object: KubeObject,
  json: () => string,
  code: number,
): Promise<Response> {
  const format = negotiate(call.request.headers.get('accept'))
  switch (format.shape) {
    case 'object':
      return encode(call, format, `${json()}\n`, code)
    case 'metadata': {
      const partial = partialMetadata(object, format.metaVersion)
      return encode(call, format, `${JSON.stringify(partial)}\n`, code)
    }
    case 'table': {
      const resourceVersion = object.metadata.resourceVersion ?? ''
      const options = tableOptions(call, format, { resourceVersion })
      const table = printTable(call.target.kind.columns, [object], options)
      return encode(call, format, `${JSON.stringify(table)}\n`, code)
    }
    default:
      return format.shape satisfies never
  }
}

function tableOptions(call: Call, { metaVersion }: Format, metadata: ListMeta): TableOptions {
  const includeObject = readIncludeObject(call.query)
  return { now: call.server.now(), metaVersion, includeObject, metadata: { ...metadata } }
}

function printList(kind: Kind, items: readonly Stored[], metadata: ListMeta): string {
  const parts = items.map(({ object, json }) => listItem(object, json))
  return (
    `{"kind":"${kind.kind}List","apiVersion":"${apiVersion(kind)}",` +
    `"metadata":${JSON.stringify(metadata)},"items":[${parts.join(',')}]}\n`
  )
}

async function encode(call: Call, format: Format, json: string, code: number): Promise<Response> {
  const warning = warningHeader(call.warnings)
  const body = await encodeJson(json, format.encoding, call.request)
  const smaller = await compressed(body, call.request)
  // A plain object: @hono/node-server hands it on as it is, where it sorts and copies any other.
  const headers = {
    'content-type': `application/${format.encoding}`,
    'cache-control': 'no-cache, private',
    ...(warning === undefined ? {} : { warning }),
    ...(smaller === undefined ? {} : { 'content-encoding': 'gzip', vary: 'Accept-Encoding' }),
  }
  return new Response(smaller ?? body, { status: code, headers })
}
