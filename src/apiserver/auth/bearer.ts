/** The token in an Authorization header; undefined where there is none. */
export function bearerToken(headers: Headers): string | undefined {
  const [scheme = '', token = ''] = (headers.get('authorization') ?? '').trim().split(/\s+/)
  return scheme.toLowerCase() === 'bearer' && token !== '' ? token : undefined
}
