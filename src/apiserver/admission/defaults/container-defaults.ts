import type { JsonObject } from '../../schema/json-value.ts'
import { fill, mapList, mapObject } from './fill.ts'
import { defaultPullPolicy } from './pull-policy.ts'

/** One container as kube-apiserver completes it; resources are completed for the whole pod. */
export function defaultContainer(container: JsonObject): JsonObject {
  const image = typeof container['image'] === 'string' ? container['image'] : ''
  const filled = fill(container, {
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: defaultPullPolicy(image),
  })
  const withPorts = mapList(filled, 'ports', (port) => fill(port, { protocol: 'TCP' }))
  const withEnv = mapList(withPorts, 'env', (entry) => mapObject(entry, 'valueFrom', valueSource))
  const probes = ['livenessProbe', 'readinessProbe', 'startupProbe']
  const withProbes = probes.reduce((result, key) => mapObject(result, key, probe), withEnv)
  return mapObject(withProbes, 'lifecycle', lifecycle)
}

function valueSource(source: JsonObject): JsonObject {
  const withField = mapObject(source, 'fieldRef', fieldReference)
  return mapObject(withField, 'resourceFieldRef', resourceReference)
}

/** Also used by downward API volumes. */
export function fieldReference(reference: JsonObject): JsonObject {
  return fill(reference, { apiVersion: 'v1' })
}

export function resourceReference(reference: JsonObject): JsonObject {
  return fill(reference, { divisor: '0' })
}

function probe(given: JsonObject): JsonObject {
  const counted = Object.entries({
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
    // A 0 stands for the default, too.
  }).filter(([key]) => !given[key])
  const filled = counted.length === 0 ? given : { ...given, ...Object.fromEntries(counted) }
  return mapObject(mapObject(filled, 'httpGet', httpGet), 'grpc', (grpc) =>
    grpc['service'] === undefined ? { ...grpc, service: '' } : grpc,
  )
}

function httpGet(action: JsonObject): JsonObject {
  return fill(action, { path: '/', scheme: 'HTTP' })
}

function lifecycle(hooks: JsonObject): JsonObject {
  const hook = (handler: JsonObject) => mapObject(handler, 'httpGet', httpGet)
  return mapObject(mapObject(hooks, 'postStart', hook), 'preStop', hook)
}
