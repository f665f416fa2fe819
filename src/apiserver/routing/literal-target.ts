/** What a request asks of this server, as its client wrote it. */
export interface LiteralTarget {
  readonly path: string
  /** Without its question mark. */
  readonly query: string
}

/**
 * The target in the request line where it is known, otherwise that of the request's URL. URL takes
 * segments such as `..` and `%2e%2e` for steps up: a DELETE of the config map `..` would remove its
 * namespace. Go's servers take them for names, and so are they kept: of nothing that exists.
 */
export function literalTarget({ url }: Request, inRequestLine = ''): LiteralTarget {
  const target = inRequestLine.startsWith('/')
    ? inRequestLine
    : url.slice(url.indexOf('/', url.indexOf('://') + '://'.length))
  const end = target.indexOf('?')
  return end === -1
    ? { path: target, query: '' }
    : { path: target.slice(0, end), query: target.slice(end + 1) }
}
