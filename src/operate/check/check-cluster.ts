import type { CheckLevel, CheckSection } from './check.ts'
import { accessChecks } from './check-access.ts'
import { machineChecks } from './check-machine.ts'
import { nodeSections } from './check-nodes.ts'
import { serverChecks } from './check-server.ts'
import type { MachineFacts } from './machine-facts.ts'
import type { RoleObject } from './needed-access.ts'
import type { ServerFacts } from './server-facts.ts'

export interface CheckReport {
  readonly sections: readonly CheckSection[]
  /** The smallest roles that grant what is missing; none if nothing is. */
  readonly roles: readonly RoleObject[]
}

/** Whether this cluster, its nodes and this user can resize pods in place. Pure. */
export function checkCluster(
  server: ServerFacts,
  namespace: string,
  machine?: MachineFacts,
): CheckReport {
  const { checks, roles } = accessChecks(server, namespace)
  return {
    sections: [
      { title: 'API server', checks: serverChecks(server) },
      { title: `permissions in namespace ${namespace}`, checks },
      ...nodeSections(server, machine !== undefined),
      ...(machine === undefined ? [] : [{ title: 'this machine', checks: machineChecks(machine) }]),
    ],
    roles,
  }
}

/** The worst of all. */
export function worstLevel({ sections }: CheckReport): CheckLevel {
  const levels = new Set(sections.flatMap(({ checks }) => checks.map(({ level }) => level)))
  return (['error', 'warning'] as const).find((level) => levels.has(level)) ?? 'ok'
}
