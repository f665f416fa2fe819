import { invalid, notSupported, required, type FieldError } from '../../../domain/field-error.ts'
import type { KubeVersion } from '../../../domain/kube-version.ts'
import type { PodSpec } from '../../../domain/pod.ts'
import { validatePodLevelResources } from '../../../domain/resize/validation/pod-level-rules.ts'
import type { JsonObject } from '../../schema/json-value.ts'
import { hasValue, numberAt, objectAt, objectsAt, textAt } from '../../schema/read-json.ts'
import { checkChoice } from '../choice.ts'
import { checkName, dnsLabel, dnsSubdomain } from '../name-rules.ts'
import { validateLabels } from '../validate-labels.ts'
import { validateAffinity } from './validate-affinity.ts'
import {
  validateContainers,
  validateEphemeralContainers,
  validateInitContainers,
  type PodContext,
} from './validate-containers.ts'
import { validateDns, validateHostAliases } from './validate-dns.ts'
import { validateGates } from './validate-gates.ts'
import { validateHostUsers, validatePodSecurity } from './validate-security.ts'
import { validateSpread } from './validate-spread.ts'
import { validateTolerations } from './validate-tolerations.ts'
import { validateVolumes } from './validate-volumes.ts'

const maxInt32 = 2_147_483_647
const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']

/**
 * Everything that is wrong with a completed pod spec, in kube-apiserver's order.
 *
 * @param before what it was before an update.
 */
export function validateSpec(
  spec: JsonObject,
  version: KubeVersion,
  before?: PodSpec,
): readonly FieldError[] {
  const volumes = validateVolumes(spec)
  const podRestartPolicy = textAt(spec, 'restartPolicy')
  const pod: PodContext = {
    volumes: volumes.names,
    gracePeriod: numberAt(spec, 'terminationGracePeriodSeconds'),
    podRestartPolicy,
    ownUsers: spec['hostUsers'] === false,
    version,
    before,
  }
  return [
    ...volumes.errors,
    ...validateContainers(spec, pod),
    ...validateInitContainers(spec, pod),
    ...validateEphemeralContainers(spec, pod),
    ...(Array.isArray(spec['containers'])
      ? validatePodLevelResources(spec as unknown as PodSpec)
      : []),
    ...checkChoice('spec.restartPolicy', podRestartPolicy, ['Always', 'OnFailure', 'Never']),
    ...checkChoice('spec.dnsPolicy', textAt(spec, 'dnsPolicy'), dnsPolicies),
    ...validateDns(spec, version),
    ...validateLabels(objectAt(spec, 'nodeSelector') ?? {}, 'spec.nodeSelector'),
    ...validatePodSecurity(spec),
    ...validateHostUsers(spec),
    ...validateHostNetwork(spec),
    ...validateAffinity(spec),
    ...validateHostAliases(spec),
    ...validateGates(spec),
    ...validateSpread(spec),
    ...validateNames(spec),
    ...validateDeadline(spec),
    ...validateSystem(spec),
    ...validateTolerations(spec),
    ...validateImages(spec),
  ]
}

/** Of a pod alone: templates may have any. */
function validateImages(spec: JsonObject): readonly FieldError[] {
  return ['containers', 'initContainers', 'ephemeralContainers'].flatMap((list) =>
    objectsAt(spec, list).flatMap((container, index) => {
      const image = textAt(container, 'image')
      const why = 'must not have leading or trailing whitespace'
      return image === image.trim() ? [] : [invalid(`spec.${list}[${index}].image`, image, why)]
    }),
  )
}

function validateSystem(spec: JsonObject): readonly FieldError[] {
  const system = objectAt(spec, 'os')
  if (system === undefined) return []
  const name = textAt(system, 'name')
  if (name === '') return [required('spec.os.name', 'cannot be empty')]
  const known = ['linux', 'windows']
  return known.includes(name) ? [] : [notSupported('spec.os', name, known)]
}

/** In the host's network a container's port is the host's port. */
function validateHostNetwork(spec: JsonObject): readonly FieldError[] {
  if (spec['hostNetwork'] !== true) return []
  return objectsAt(spec, 'containers').flatMap((container, index) =>
    objectsAt(container, 'ports').flatMap((port, portIndex) =>
      port['hostPort'] === port['containerPort']
        ? []
        : [
            invalid(
              `spec.containers[${index}].ports[${portIndex}].hostPort`,
              numberAt(port, 'hostPort'),
              'must match `containerPort` when `hostNetwork` is true',
            ),
          ],
    ),
  )
}

function validateNames(spec: JsonObject): readonly FieldError[] {
  const rules = [
    ['serviceAccountName', dnsSubdomain],
    ['nodeName', dnsSubdomain],
    ['hostname', dnsLabel],
    ['subdomain', dnsLabel],
    ['priorityClassName', dnsSubdomain],
    ['runtimeClassName', dnsSubdomain],
  ] as const
  return rules.flatMap(([key, rule]) => {
    const name = textAt(spec, key)
    return name === '' ? [] : checkName(`spec.${key}`, name, rule)
  })
}

function validateDeadline(spec: JsonObject): readonly FieldError[] {
  const deadline = numberAt(spec, 'activeDeadlineSeconds')
  const isBadDeadline =
    hasValue(spec, 'activeDeadlineSeconds') && (deadline < 1 || deadline > maxInt32)
  const range = `must be between 1 and ${maxInt32}, inclusive`
  return isBadDeadline ? [invalid('spec.activeDeadlineSeconds', deadline, range)] : []
}
