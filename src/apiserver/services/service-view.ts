import { asJson, type KubeObject } from '../kube-object.ts'
import { objectAt, objectsAt, textAt, textsAt } from '../schema/read-json.ts'
import type { JsonObject } from '../schema/json-value.ts'

/** What `clusterIP` is where there is to be none. */
export const headless = 'None'

export function serviceSpec(service: KubeObject): JsonObject {
  return objectAt(asJson(service), 'spec') ?? {}
}

export function withServiceSpec(service: KubeObject, spec: JsonObject): KubeObject {
  return spec === service.spec ? service : { ...service, spec }
}

/** Whether services of this type have addresses inside the cluster. */
export function hasClusterIp(spec: JsonObject): boolean {
  return textAt(spec, 'type') !== 'ExternalName'
}

/** Whether its ports are opened on the nodes, too. */
export function hasNodePorts(spec: JsonObject): boolean {
  const type = textAt(spec, 'type')
  const balanced = type === 'LoadBalancer' && spec['allocateLoadBalancerNodePorts'] !== false
  return type === 'NodePort' || balanced
}

/** Whether it is reached from outside the cluster, too. */
export function isOpen(spec: JsonObject): boolean {
  const type = textAt(spec, 'type')
  const named = type === 'ClusterIP' && textsAt(spec, 'externalIPs').length > 0
  return type === 'LoadBalancer' || type === 'NodePort' || named
}

/** Whether load balancers ask each node, at a port of its own, if it has an endpoint. */
export function isChecked(spec: JsonObject): boolean {
  const policy = textAt(spec, 'externalTrafficPolicy')
  return textAt(spec, 'type') === 'LoadBalancer' && policy === 'Local'
}

/** Its addresses inside the cluster; `None` for a headless one. */
export function clusterIps(spec: JsonObject): readonly string[] {
  const several = textsAt(spec, 'clusterIPs')
  const one = textAt(spec, 'clusterIP')
  return several.length === 0 && one !== '' ? [one] : several
}

export function portsOf(spec: JsonObject): readonly JsonObject[] {
  return objectsAt(spec, 'ports')
}
