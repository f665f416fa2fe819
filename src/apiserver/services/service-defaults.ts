import { fill, mapList } from '../admission/defaults/fill.ts'
import type { KubeObject } from '../kube-object.ts'
import { isJsonObject, type JsonObject } from '../schema/json-value.ts'
import { hasValue, objectAt, textAt } from '../schema/read-json.ts'
import { hasClusterIp, isOpen, serviceSpec, withServiceSpec } from './service-view.ts'

const stickySeconds = 10_800

/** @see Kubernetes pkg/apis/core/v1/defaults.go, SetDefaults_Service */
export function defaultService(service: KubeObject): KubeObject {
  const typed = fill(serviceSpec(service), { type: 'ClusterIP', sessionAffinity: 'None' })
  const ported = mapList(typed, 'ports', defaultPort)
  const spec = fill(ported, { ...inside(ported), ...outside(ported) })
  return withServiceSpec(service, withAffinity(spec))
}

/** For how long clients stick to an endpoint; nothing of it where they do not. */
function withAffinity(spec: JsonObject): JsonObject {
  const { sessionAffinityConfig: config, ...rest } = spec
  if (textAt(spec, 'sessionAffinity') !== 'ClientIP') return config === undefined ? spec : rest
  const client = isJsonObject(config) ? objectAt(config, 'clientIP') : undefined
  if (client !== undefined && hasValue(client, 'timeoutSeconds')) return spec
  return { ...spec, sessionAffinityConfig: { clientIP: { timeoutSeconds: stickySeconds } } }
}

function defaultPort(port: JsonObject): JsonObject {
  return fill(port, { protocol: 'TCP', targetPort: port['port'] ?? 0 })
}

function inside(spec: JsonObject): JsonObject {
  return hasClusterIp(spec) ? { internalTrafficPolicy: 'Cluster' } : {}
}

function outside(spec: JsonObject): JsonObject {
  return {
    ...(isOpen(spec) ? { externalTrafficPolicy: 'Cluster' } : {}),
    ...(textAt(spec, 'type') === 'LoadBalancer' ? { allocateLoadBalancerNodePorts: true } : {}),
  }
}
