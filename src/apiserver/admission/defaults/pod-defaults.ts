import type { Pod, PodSpec } from '../../../domain/pod.ts'
import { withResourceDefaults } from '../../../domain/resize/request/defaults.ts'
import { defaultVersion, type KubeVersion } from '../../../domain/kube-version.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../schema/json-value.ts'
import { defaultContainer } from './container-defaults.ts'
import { withoutDisabledFields } from './disabled-fields.ts'
import { fill, mapList } from './fill.ts'
import { numberAt } from '../../schema/read-json.ts'
import { defaultVolume } from './volume-defaults.ts'

const containerLists = ['initContainers', 'containers', 'ephemeralContainers']

/**
 * `pod` with everything that kube-apiserver fills in on create and on update: its own
 * defaults and those of its built-in admission plugins. Applying it twice changes nothing.
 *
 * The service account's token volume and the priority are not filled in here: they need other
 * objects.
 */
export function defaultPod(pod: Pod, version: KubeVersion = defaultVersion): Pod {
  const spec = pod.spec as unknown as JsonValue | undefined
  if (!isJsonObject(spec)) return pod
  const completed = defaultSpec(withoutDisabledFields(spec, version))
  const sized = Array.isArray(completed['containers'])
    ? withResourceDefaults(completed as unknown as PodSpec, version)
    : (completed as unknown as PodSpec)
  return sized === pod.spec ? pod : { ...pod, spec: sized }
}

function defaultSpec(spec: JsonObject): JsonObject {
  const filled = fill(withLeastGrace(spec), {
    dnsPolicy: 'ClusterFirst',
    enableServiceLinks: true,
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    ...serviceAccount(spec),
  })
  const withContainers = containerLists.reduce(
    (result, key) => mapList(result, key, defaultContainer),
    filled,
  )
  const withVolumes = mapList(withContainers, 'volumes', defaultVolume)
  return withTolerations(spec['hostNetwork'] === true ? withHostPorts(withVolumes) : withVolumes)
}

/** @see Kubernetes pkg/apis/core/v1/conversion.go, Convert_v1_Pod_To_core_Pod */
function withLeastGrace(spec: JsonObject): JsonObject {
  const key = 'terminationGracePeriodSeconds'
  return numberAt(spec, key) < 0 ? { ...spec, [key]: 1 } : spec
}

/** serviceAccount is the old name of serviceAccountName; both are kept equal. */
function serviceAccount(spec: JsonObject): JsonObject {
  const name = spec['serviceAccountName'] || spec['serviceAccount'] || 'default'
  return { serviceAccountName: name, serviceAccount: name }
}

/** In the host's network a container's ports are the host's ports. */
function withHostPorts(spec: JsonObject): JsonObject {
  return containerLists.reduce(
    (result, key) =>
      mapList(result, key, (container) =>
        mapList(container, 'ports', (port) =>
          port['hostPort'] || port['containerPort'] === undefined
            ? port
            : { ...port, hostPort: port['containerPort'] },
        ),
      ),
    spec,
  )
}

const nodeTaints = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']

/** Pods stay five minutes on a node that is not ready, unless they say otherwise. */
function withTolerations(spec: JsonObject): JsonObject {
  const given = Array.isArray(spec['tolerations']) ? spec['tolerations'] : []
  const missing = nodeTaints.filter(
    (key) => !given.some((toleration) => isJsonObject(toleration) && tolerates(toleration, key)),
  )
  if (missing.length === 0) return spec
  const added = missing.map((key) => ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 300,
  }))
  return { ...spec, tolerations: [...given, ...added] }
}

function tolerates(toleration: JsonObject, taint: string): boolean {
  const { key, effect } = toleration
  return (!key || key === taint) && (!effect || effect === 'NoExecute')
}
