const dotSegment = /^(?:\.|%2e){1,2}$/i

/**
 * A request target whose path means what it says. URL would take segments such as `..` and
 * `%2e%2e` for steps up, and a backslash for a slash: a DELETE of the config map `..` would remove
 * its namespace. Go's servers take them for names, and so are they kept: of nothing that exists.
 */
export function literalPath(target: string): string {
  const [, path = '', query = ''] = /^([^?]*)(.*)$/s.exec(target) ?? []
  if (!/[\\]|\/(?:\.|%2e)/i.test(path)) return target
  const segments = path.replaceAll('\\', '%5C').split('/')
  return segments.map((one) => (dotSegment.test(one) ? escaped(one) : one)).join('/') + query
}

/** Read once, `%252e` is `%2e`: no dot any more for whoever looks at the path again. */
function escaped(segment: string): string {
  return segment.replaceAll(/\.|%2e/gi, '%252e')
}
