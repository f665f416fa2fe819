/**
 * The pull policy of an image that names none: Always for the tag `latest` or no tag,
 * IfNotPresent for another tag or a digest.
 */
export function defaultPullPolicy(image: string): 'Always' | 'IfNotPresent' {
  if (image.includes('@')) return 'IfNotPresent'
  const name = image.slice(image.lastIndexOf('/') + 1)
  const colon = name.indexOf(':')
  const tag = colon === -1 ? 'latest' : name.slice(colon + 1)
  return tag === 'latest' ? 'Always' : 'IfNotPresent'
}
