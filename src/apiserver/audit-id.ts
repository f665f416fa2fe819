import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/**
 * What the `Audit-Id` header of an answer says: the name that the client gave its request, else a
 * new one.
 *
 * @see Kubernetes apiserver/pkg/endpoints/filters/audit_init.go
 */
export function auditId({ 'audit-id': given }: IncomingHttpHeaders): string {
  return typeof given === 'string' && given !== '' ? given : randomUUID()
}
