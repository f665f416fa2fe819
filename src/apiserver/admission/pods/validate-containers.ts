import {
  duplicate,
  forbidden,
  notFound,
  required,
  type FieldError,
} from '../../../domain/field-error.ts'
import type { Container } from '../../../domain/pod.ts'
import {
  validateInitResizePolicy,
  validateResizePolicy,
  type Before,
  type ResizePolicyContext,
} from '../../../domain/resize/resize-policy.ts'
import { validateContainerResources } from '../../../domain/resize/validation/resource-rules.ts'
import type { JsonObject, JsonValue } from '../../schema/json-value.ts'
import { objectsAt, textAt } from '../../schema/read-json.ts'
import { checkChoice } from '../choice.ts'
import { checkName, dnsLabel } from '../name-rules.ts'
import { validateEnv } from './validate-env.ts'
import { validateMounts } from './validate-mounts.ts'
import { validateHostPorts, validatePorts } from './validate-ports.ts'
import { forbidProbes, validateProbes } from './validate-probes.ts'
import { validateInitRestartPolicy, validateRestartPolicy } from './validate-restart-policy.ts'
import { validateContainerSecurity } from './validate-security.ts'

/** What of the pod a container is checked against. */
export interface PodContext extends ResizePolicyContext {
  readonly before: Before
  /** Names of volumes that can be mounted. */
  readonly volumes: ReadonlySet<string>
  /** Seconds from the request to stop until the containers are killed. */
  readonly gracePeriod: number
  /** Whether it has a user namespace of its own. */
  readonly ownUsers: boolean
}

export function validateContainers(spec: JsonObject, pod: PodContext): readonly FieldError[] {
  const containers = objectsAt(spec, 'containers')
  if (containers.length === 0) return [required('spec.containers')]
  const names = new Set<string>()
  const errors = containers.flatMap((container, index) => {
    const path = `spec.containers[${index}]`
    return [
      ...validateCommon(container, pod, path),
      ...checkUnique(container, names, path),
      ...validateProbes(container, pod.gracePeriod, path),
      ...validateRestartPolicy(container, pod.version, path),
    ]
  })
  return [...errors, ...validateHostPorts(containers, 'spec.containers')]
}

export function validateInitContainers(spec: JsonObject, pod: PodContext): readonly FieldError[] {
  const names = new Set(objectsAt(spec, 'containers').map((container) => textAt(container, 'name')))
  return objectsAt(spec, 'initContainers').flatMap((container, index) => {
    const path = `spec.initContainers[${index}]`
    const isSidecar = textAt(container, 'restartPolicy') === 'Always'
    return [
      ...validateCommon(container, pod, path),
      ...validateInitRestartPolicy(container, pod.version, path),
      ...checkUnique(container, names, path),
      ...validateHostPorts([container], 'spec.initContainers'),
      ...(isSidecar
        ? validateProbes(container, pod.gracePeriod, path)
        : forbidProbes(container, path)),
      ...validateInitResizePolicy(
        asContainer(container),
        pod.version,
        pod.before,
        `${path}.resizePolicy`,
      ),
    ]
  })
}

/** Containers for a look into a pod: they are run beside the others, and promised nothing. */
export function validateEphemeralContainers(
  spec: JsonObject,
  pod: PodContext,
): readonly FieldError[] {
  const others = ['containers', 'initContainers'].flatMap((list) =>
    objectsAt(spec, list).map((container) => textAt(container, 'name')),
  )
  const names = new Set(others)
  return objectsAt(spec, 'ephemeralContainers').flatMap((container, index) => {
    const path = `spec.ephemeralContainers[${index}]`
    const target = textAt(container, 'targetContainerName')
    return [
      ...validateCommon(container, pod, path),
      ...checkUnique(container, names, path),
      ...(target === '' || others.includes(target)
        ? []
        : [notFound(`${path}.targetContainerName`, target)]),
      ...notEphemeral
        .filter((field) => isSet(container[field]))
        .map((field) => forbidden(`${path}.${field}`, 'cannot be set for an Ephemeral Container')),
    ]
  })
}

/** In the order of Kubernetes' type. */
const notEphemeral = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
]

function isSet(value: JsonValue | undefined): boolean {
  return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : !!value
}

function checkUnique(
  container: JsonObject,
  names: Set<string>,
  path: string,
): readonly FieldError[] {
  const name = textAt(container, 'name')
  if (names.has(name)) return [duplicate(`${path}.name`, name)]
  if (name !== '') names.add(name)
  return []
}

const messagePolicies = ['File', 'FallbackToLogsOnError']
const pullPolicies = ['Always', 'IfNotPresent', 'Never']

/** What holds for containers of every sort. */
function validateCommon(
  container: JsonObject,
  pod: PodContext,
  path: string,
): readonly FieldError[] {
  const name = textAt(container, 'name')
  const text = (key: string) => textAt(container, key)
  const { resources, resizePolicy } = asContainer(container)
  return [
    ...(name === '' ? [required(`${path}.name`)] : checkName(`${path}.name`, name, dnsLabel)),
    ...(text('image') === '' ? [required(`${path}.image`)] : []),
    ...checkChoice(
      `${path}.terminationMessagePolicy`,
      text('terminationMessagePolicy'),
      messagePolicies,
    ),
    ...validatePorts(container, path),
    ...validateEnv(container, path),
    ...validateMounts(container, pod.volumes, path),
    ...checkChoice(`${path}.imagePullPolicy`, text('imagePullPolicy'), pullPolicies),
    ...validateContainerResources(resources, `${path}.resources`),
    ...validateResizePolicy(resizePolicy, pod, `${path}.resizePolicy`),
    ...validateContainerSecurity(container, pod.ownUsers, `${path}.securityContext`),
  ]
}

/** Its schema was checked. */
function asContainer(container: JsonObject): Container {
  return container as unknown as Container
}
