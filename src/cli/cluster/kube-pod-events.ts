import type { KubeClient } from '../../kube/client/kube-client.ts'
import { isKubeError } from '../../kube/client/kube-error.ts'
import { listAll } from '../../kube/client/list-all.ts'
import type { KubeObject } from '../../kube/object/kube-object.ts'
import { events } from '../../kube/object/resource.ts'
import type { EventSource, PodEvent } from '../../operate/cluster/pod-events.ts'
import { printableJson } from './printable.ts'

interface KubeEvent extends KubeObject {
  readonly type?: string
  readonly reason?: string
  readonly message?: string
  readonly count?: number
  readonly eventTime?: string | null
  readonly lastTimestamp?: string | null
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string }
  readonly source?: { readonly component?: string }
  readonly reportingComponent?: string
}

/** Events of pods, read through a Kubernetes API client. What they say can be printed. */
export function kubePodEvents(client: KubeClient): EventSource {
  return {
    async eventsOf({ metadata }, signal) {
      const { namespace = 'default', name, uid } = metadata
      const which = [`involvedObject.name=${name}`, ...(uid ? [`involvedObject.uid=${uid}`] : [])]
      try {
        const options = { namespace, fieldSelector: which.join(','), signal }
        const { items } = await listAll(client, events, options)
        const found = items.map((event) => printableJson(podEvent(event as KubeEvent)))
        return { kind: 'seen', events: found.toSorted((a, b) => (a.at < b.at ? -1 : 1)) }
      } catch (error) {
        if (!isKubeError(error) || (error.code !== 403 && error.code !== 404)) throw error
        return { kind: 'unseen', why: `its events cannot be seen: ${error.message}` }
      }
    },
  }
}

function podEvent(event: KubeEvent): PodEvent {
  const { series, source, metadata } = event
  return {
    at:
      series?.lastObservedTime ??
      event.lastTimestamp ??
      event.eventTime ??
      metadata.creationTimestamp ??
      '',
    type: event.type ?? '',
    reason: event.reason ?? '',
    message: event.message ?? '',
    count: series?.count ?? event.count ?? 1,
    source: source?.component || event.reportingComponent || '',
  }
}
