import { createHash } from 'node:crypto'
import type { KindTable } from '../kind/kind-table.ts'
import { apiVersion, verbsOf } from '../kind/kind.ts'
import { openApiDocument } from '../openapi/openapi-document.ts'
import { openApiV2 } from '../openapi/openapi-v2.ts'
import { encodeOpenApiV2, openApiV2Protobuf } from '../openapi/openapi-v2-protobuf.ts'
import { unknownPath } from '../status-error.ts'
import { discoveryContentType, groupDiscoveryList, wantedDiscovery } from './aggregated.ts'
import { apiGroup, apiGroupList, apiResourceList, apiVersions, rootPaths } from './legacy.ts'

interface Document {
  readonly body: string | Uint8Array<ArrayBuffer>
  readonly etag: string
}

/**
 * The documents that tell clients what is served: discovery and OpenAPI. Made at
 * the first request and kept; clients that have one already are told so (304).
 */
export class Documents {
  readonly #kinds: KindTable
  readonly #gitVersion: string
  readonly #made = new Map<string, Document>()

  constructor(kinds: KindTable, gitVersion: string) {
    this.#kinds = kinds
    this.#gitVersion = gitVersion
  }

  /** `/` */
  paths(): object {
    return rootPaths(this.#kinds)
  }

  /** `/api` and `/apis`, in the form that the client asks for. */
  root(request: Request, core: boolean): Response {
    const version = wantedDiscovery(request.headers.get('accept'))
    if (version !== undefined) {
      const list = () => groupDiscoveryList(this.#kinds, core, version)
      const document = this.#document(`discovery ${core} ${version}`, list)
      return answer(request, document, discoveryContentType(version))
    }
    // It repeats what the client calls the server: kept, each other name would be kept for ever.
    if (core) return answer(request, documentOf(jsonText(apiVersions(new URL(request.url).host))))
    const groups = () => apiGroupList(this.#kinds)
    return answer(request, this.#document('legacy groups', groups))
  }

  /** `/apis/GROUP` */
  group(request: Request, group: string): Response {
    return this.#found(request, `group ${group}`, () => apiGroup(this.#kinds, group))
  }

  /** `/api/v1`, `/apis/GROUP/VERSION` */
  resources(request: Request, group: string, version: string): Response {
    const list = () => apiResourceList(this.#kinds, group, version)
    return this.#found(request, `resources ${group}/${version}`, list)
  }

  /** `/openapi/v3` */
  openApiIndex(request: Request): Response {
    const index = () => {
      const entries = this.#kinds.groupVersions().map(({ group, version }) => {
        const path = openApiPath(group, version)
        const { etag } = this.#openApi(group, version)
        const url = `/openapi/v3/${path}?hash=${etag.slice(1, -1)}`
        return [path, { serverRelativeURL: url }]
      })
      return { paths: Object.fromEntries(entries) }
    }
    return answer(request, this.#document('openapi index', index))
  }

  /** `/openapi/v3/api/v1`, `/openapi/v3/apis/GROUP/VERSION` */
  openApi(request: Request, path: string): Response {
    const served = this.#kinds
      .groupVersions()
      .find(({ group, version }) => openApiPath(group, version) === path)
    if (served === undefined) throw unknownPath()
    return answer(request, this.#openApi(served.group, served.version))
  }

  /** `/openapi/v2`, in protobuf for those who ask for that. */
  openApiV2(request: Request): Response {
    const make = () =>
      openApiV2(
        this.#kinds.all().map((kind) => ({ ...kind, verbs: verbsOf(kind) })),
        this.#gitVersion,
      )
    const accept = request.headers.get('accept') ?? ''
    if (!accept.includes(openApiV2Protobuf.accept)) {
      return answer(request, this.#document('openapi v2', make))
    }
    const document = this.#kept('openapi v2 protobuf', () => encodeOpenApiV2(make()))
    return answer(request, document, openApiV2Protobuf.contentType)
  }

  #openApi(group: string, version: string): Document {
    return this.#document(`openapi ${apiVersion({ group, version })}`, () =>
      openApiDocument(
        this.#kinds.ofVersion(group, version).map((kind) => ({ ...kind, verbs: verbsOf(kind) })),
        this.#gitVersion,
      ),
    )
  }

  #found(request: Request, name: string, make: () => object | undefined): Response {
    const known = this.#made.has(name) ? {} : make()
    if (known === undefined) throw unknownPath()
    return answer(
      request,
      this.#document(name, () => known),
    )
  }

  #document(name: string, make: () => object): Document {
    return this.#kept(name, () => jsonText(make()))
  }

  #kept(name: string, make: () => Document['body']): Document {
    let document = this.#made.get(name)
    if (document === undefined) {
      document = documentOf(make())
      this.#made.set(name, document)
    }
    return document
  }
}

function jsonText(value: object): string {
  return `${JSON.stringify(value)}\n`
}

function documentOf(body: Document['body']): Document {
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 32).toUpperCase()
  return { body, etag: `"${hash}"` }
}

function openApiPath(group: string, version: string): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`
}

function answer(request: Request, document: Document, type = 'application/json'): Response {
  const headers = {
    'content-type': type,
    etag: document.etag,
    vary: 'Accept',
    'cache-control': 'public',
  }
  return request.headers.get('if-none-match') === document.etag
    ? new Response(null, { status: 304, headers })
    : new Response(document.body, { headers })
}
