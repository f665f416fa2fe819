/**
 * The full name of an image as runtimes store it: `busybox` is
 * `docker.io/library/busybox:latest`. What has a digest gets no tag.
 *
 * @see https://pkg.go.dev/github.com/distribution/reference#ParseNormalizedNamed
 */
export function fullImageName(name: string): string {
  const [first = '', ...rest] = name.split('/')
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  const withRegistry = hasRegistry
    ? name
    : `docker.io/${rest.length === 0 ? `library/${name}` : name}`
  const last = withRegistry.slice(withRegistry.lastIndexOf('/'))
  return /[:@]/.test(last) ? withRegistry : `${withRegistry}:latest`
}
