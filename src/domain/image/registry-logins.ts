import type { Contents } from '../lifecycle/reference.ts'
import { fullImageName } from './image-name.ts'

/** Who to be at an image registry. */
export interface RegistryLogin {
  readonly username: string
  readonly password: string
}

/** Where a login counts, `registry.example:5000/team`, and for whom. */
interface Entry {
  readonly place: string
  readonly login: RegistryLogin
}

/** How Docker names the registry that images without one come from. */
const dockerHub = 'index.docker.io'

/**
 * The logins among those of `secrets` that count for the image, the most particular place
 * first; each is to be tried. Secrets that hold none are passed over.
 *
 * @param secrets of type kubernetes.io/dockerconfigjson or kubernetes.io/dockercfg
 * @see kubelet's pkg/credentialprovider/keyring.go
 */
export function registryLogins(
  image: string,
  secrets: readonly Contents[],
): readonly RegistryLogin[] {
  const full = fullImageName(image)
  const wanted = full.startsWith('docker.io/') ? full.replace('docker.io', dockerHub) : full
  return secrets
    .flatMap(entriesOf)
    .toSorted((a, b) => (a.place < b.place ? 1 : -1))
    .filter(({ place }) => matches(place, wanted))
    .map(({ login }) => login)
}

function entriesOf(secret: Contents): readonly Entry[] {
  const config = jsonIn(secret.get('.dockerconfigjson')) as { readonly auths?: unknown } | undefined
  return [...entriesIn(config?.auths), ...entriesIn(jsonIn(secret.get('.dockercfg')))]
}

function jsonIn(content: Uint8Array | undefined): unknown {
  try {
    return content === undefined ? undefined : JSON.parse(new TextDecoder().decode(content))
  } catch {
    return undefined
  }
}

function entriesIn(auths: unknown): readonly Entry[] {
  if (typeof auths !== 'object' || auths === null) return []
  return Object.entries(auths).flatMap(([server, auth]) => {
    const login = loginIn(auth)
    return login === undefined ? [] : [{ place: placeOf(server), login }]
  })
}

function loginIn(entry: unknown): RegistryLogin | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined
  const { username, password, auth } = entry as Readonly<Record<string, unknown>>
  if (typeof auth === 'string' && auth !== '') return decoded(auth)
  if (typeof username !== 'string' || typeof password !== 'string') return undefined
  return { username, password }
}

/** Base64 of `username:password`. */
function decoded(auth: string): RegistryLogin | undefined {
  try {
    const [username = '', ...rest] = atob(auth).split(':')
    return rest.length === 0 ? undefined : { username, password: rest.join(':') }
  } catch {
    return undefined
  }
}

/** `https://index.docker.io/v1/` is `index.docker.io`. */
function placeOf(server: string): string {
  const bare = server.replace(/^https?:\/\//, '')
  return bare.replace(/\/v[12](?=\/|$)/, '').replace(/\/+$/, '')
}

/** `*` stands for any characters within one part of a host name. */
function matches(place: string, image: string): boolean {
  const [host = '', ...path] = place.split('/')
  const [imageHost = '', ...imagePath] = image.split('/')
  const parts = host.split('.')
  const imageParts = imageHost.split('.')
  if (parts.length !== imageParts.length) return false
  if (!parts.every((part, index) => partMatches(part, imageParts[index] ?? ''))) return false
  return imagePath.join('/').startsWith(path.join('/'))
}

/** Each piece at its first place: a regular expression would try all places of all pieces. */
function partMatches(pattern: string, part: string): boolean {
  const [first = '', ...pieces] = pattern.split('*')
  const last = pieces.pop()
  if (last === undefined) return part === first
  if (!part.startsWith(first)) return false
  let end = first.length
  for (const piece of pieces) {
    const at = part.indexOf(piece, end)
    if (at === -1) return false
    end = at + piece.length
  }
  return part.endsWith(last) && part.length - last.length >= end
}
