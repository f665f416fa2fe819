import type { TLSSocket } from 'node:tls'
import type { User } from '../call.ts'

const users = new WeakMap<TLSSocket, User | undefined>()

/** Who is at the other end of the connection by its client certificate; undefined without a valid one. */
export function userOf(socket: TLSSocket): User | undefined {
  if (users.has(socket)) return users.get(socket)
  const user = socket.authorized ? certifiedUser(socket) : undefined
  users.set(socket, user)
  return user
}

/** Kubernetes reads the common name as the user's and the organisations as groups. */
function certifiedUser(socket: TLSSocket): User | undefined {
  const subject = socket.getPeerCertificate().subject as
    | { readonly CN?: string | string[]; readonly O?: string | string[] }
    | undefined
  const [name] = listOf(subject?.CN)
  if (name === undefined) return undefined
  return { name, groups: [...listOf(subject?.O), 'system:authenticated'] }
}

function listOf(value: string | string[] | undefined): readonly string[] {
  if (value === undefined) return []
  return typeof value === 'string' ? [value] : value
}
