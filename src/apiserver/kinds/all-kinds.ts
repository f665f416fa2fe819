import { events } from './events.ts'
import type { Kind } from './kind.ts'
import { namespaces } from './namespaces.ts'
import { nodes } from './nodes.ts'
import { pods } from './pods.ts'
import { configMaps, leases, secrets, serviceAccounts, services } from './stored-only.ts'

/** The table of kinds: everything that this server serves. */
export const allKinds: readonly Kind[] = [
  configMaps,
  events,
  namespaces,
  nodes,
  pods,
  secrets,
  serviceAccounts,
  services,
  leases,
]
