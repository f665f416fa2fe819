import { notAcceptable } from '../status-error.ts'
import type { MetaVersion } from '../table/print.ts'

/** How the client wants the answer: the encoding, and the shape that objects are changed into. */
export interface Format {
  readonly encoding: 'json' | 'yaml'
  readonly shape: 'object' | 'table' | 'metadata'
  /** Of the shapes that are no object. */
  readonly metaVersion: MetaVersion
}

const plain: Format = { encoding: 'json', shape: 'object', metaVersion: 'meta.k8s.io/v1' }

const encodings: ReadonlyMap<string, Format['encoding']> = new Map([
  ['application/json', 'json'],
  ['application/yaml', 'yaml'],
  ['application/*', 'json'],
  ['*/*', 'json'],
])

const shapes: ReadonlyMap<string, Format['shape']> = new Map([
  ['', 'object'],
  ['Table', 'table'],
  ['PartialObjectMetadata', 'metadata'],
  ['PartialObjectMetadataList', 'metadata'],
])

const metaVersions: ReadonlyMap<string, MetaVersion> = new Map([
  ['meta.k8s.io/v1', 'meta.k8s.io/v1'],
  ['meta.k8s.io/v1beta1', 'meta.k8s.io/v1beta1'],
])

const known = new Map<string, Format>()

/**
 * The one of the formats in an Accept header that this server has and the client wants most; of
 * several the first that is named, or else the first that is meant by a star.
 *
 * @throws StatusError 406 when it has none of them.
 */
export function negotiate(accept: string | null): Format {
  if (accept === null || accept === '' || accept === 'application/json') return plain
  const seen = known.get(accept)
  if (seen !== undefined) return seen
  const format = firstFormat(accept)
  // Clients use a handful of headers; a hostile one must not grow this for ever.
  if (known.size < 256 && accept.length < 1024) known.set(accept, format)
  return format
}

function firstFormat(accept: string): Format {
  const clauses = accept.split(',').sort((a, b) => quality(b) - quality(a) || stars(a) - stars(b))
  for (const clause of clauses) {
    const format = readClause(clause)
    if (format !== undefined) return format
  }
  throw notAcceptable(['application/json', 'application/yaml'])
}

/** How much the client wants it: 1 where it does not say. */
function quality(clause: string): number {
  const [, text = '1'] = /;\s*q=([\d.]+)/.exec(clause) ?? []
  return Number(text)
}

/** How little the client says of what it wants. */
function stars(clause: string): number {
  return clause.split(';', 1)[0]?.split('*').length ?? 0
}

function readClause(clause: string): Format | undefined {
  const [type = '', ...rest] = clause.split(';').map((part) => part.trim())
  const parameters = new Map(
    rest.map((part) => {
      const at = part.indexOf('=')
      return [part.slice(0, at), part.slice(at + 1)]
    }),
  )
  const encoding = encodings.get(type.toLowerCase())
  const shape = shapes.get(parameters.get('as') ?? '')
  if (encoding === undefined || shape === undefined) return undefined
  if (shape === 'object') return { ...plain, encoding }
  const metaVersion = metaVersions.get(`${parameters.get('g')}/${parameters.get('v')}`)
  return metaVersion && { encoding, shape, metaVersion }
}
