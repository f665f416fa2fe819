import type { KubeVersion } from '../../domain/kube-version.ts'
import type { Kind } from '../kind/kind.ts'
import { bindings } from './bindings.ts'
import { events } from './events.ts'
import { groupedEvents } from './grouped-events.ts'
import { limitRanges } from './limit-ranges.ts'
import { namespaces } from './namespaces.ts'
import { nodes } from './nodes.ts'
import { podKind } from './pods.ts'
import { priorityClassKind } from './priority-classes.ts'
import { resourceQuotas } from './resource-quotas.ts'
import { reviews } from './reviews.ts'
import { services } from './services.ts'
import { configMaps, leases, secrets, serviceAccounts } from './stored-only.ts'
import { usageKinds } from './usage.ts'

/** The table of kinds: everything that a server of this Kubernetes version serves. */
export function kindsOf(version: KubeVersion): readonly Kind[] {
  return [
    bindings,
    configMaps,
    events,
    limitRanges,
    namespaces,
    nodes,
    podKind(version),
    resourceQuotas,
    secrets,
    serviceAccounts,
    services,
    leases,
    priorityClassKind,
    groupedEvents,
    ...reviews,
    ...usageKinds,
  ]
}
