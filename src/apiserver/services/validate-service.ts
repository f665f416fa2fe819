import {
  duplicate,
  forbidden,
  invalid,
  required,
  type FieldError,
} from '../../domain/field-error.ts'
import { checkOutsideAddress } from '../admission/check-address.ts'
import { checkChoice } from '../admission/choice.ts'
import { checkName, dnsLabel, dnsSubdomain } from '../admission/name-rules.ts'
import { checkPort, checkPortNumber } from '../admission/pods/validate-ports.ts'
import { validateLabels } from '../admission/validate-labels.ts'
import type { KubeObject } from '../kube-object.ts'
import type { JsonObject } from '../schema/json-value.ts'
import { numberAt, objectAt, textAt, textsAt } from '../schema/read-json.ts'
import { checkFamilies } from './ip-families.ts'
import {
  clusterIps,
  hasClusterIp,
  headless,
  isChecked,
  portsOf,
  serviceSpec,
} from './service-view.ts'
import { validateAddresses } from './validate-addresses.ts'
import { checkTraffic } from './validate-traffic.ts'

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']

/**
 * Its addresses are to be given before all else is looked at, and so are refused alone.
 *
 * @see Kubernetes pkg/registry/core/service/storage/storage.go, beginCreate
 */
export function validateService(service: KubeObject): readonly FieldError[] {
  const spec = serviceSpec(service)
  const alone = withoutAddress(spec)
  return alone.length > 0 ? alone : validateSpec(spec)
}

/** Why it can be given no address. */
function withoutAddress(spec: JsonObject): readonly FieldError[] {
  if (!hasClusterIp(spec)) return []
  const errors = validateAddresses(spec)
  return errors.length > 0 ? errors : checkFamilies(spec)
}

/** @see Kubernetes pkg/apis/core/validation/validation.go, ValidateService */
function validateSpec(spec: JsonObject): readonly FieldError[] {
  return [
    ...checkPorts(spec),
    ...checkNodePorts(spec),
    ...validateLabels(objectAt(spec, 'selector') ?? {}, 'spec.selector'),
    ...checkChoice('spec.sessionAffinity', textAt(spec, 'sessionAffinity'), ['ClientIP', 'None']),
    ...checkAffinity(spec),
    ...textsAt(spec, 'externalIPs').flatMap((address, index) =>
      checkOutsideAddress(address, `spec.externalIPs[${index}]`),
    ),
    ...checkChoice('spec.type', textAt(spec, 'type'), types),
    ...(hasClusterIp(spec) ? checkHeadless(spec) : checkExternalName(spec)),
    ...checkTraffic(spec),
  ]
}

export function validateServiceUpdate(old: KubeObject, next: KubeObject): readonly FieldError[] {
  const [before, after] = [serviceSpec(old), serviceSpec(next)]
  const alone = withoutAddress(after)
  if (alone.length > 0) return alone
  const [was, is] = [clusterIps(before), clusterIps(after)]
  const moved = hasClusterIp(before) && hasClusterIp(after) && was.length > 0 && was[0] !== is[0]
  return [
    ...(moved ? [invalid('spec.clusterIPs[0]', is, 'may not change once set')] : []),
    ...changedClass(before, after),
    ...changedHealthPort(before, after),
    ...validateSpec(after),
  ]
}

function changedClass(before: JsonObject, after: JsonObject): readonly FieldError[] {
  const field = 'loadBalancerClass'
  const balanced = [before, after].every((spec) => textAt(spec, 'type') === 'LoadBalancer')
  if (!balanced || textAt(before, field) === textAt(after, field)) return []
  return [invalid(`spec.${field}`, after[field], 'may not change once set')]
}

function changedHealthPort(before: JsonObject, after: JsonObject): readonly FieldError[] {
  const field = 'healthCheckNodePort'
  const kept = numberAt(before, field) === numberAt(after, field)
  if (kept || !isChecked(before) || !isChecked(after)) return []
  return [forbidden(`spec.${field}`, 'field is immutable')]
}

function checkPorts(spec: JsonObject): readonly FieldError[] {
  const ports = portsOf(spec)
  if (ports.length === 0 && hasClusterIp(spec) && clusterIps(spec)[0] !== headless) {
    return [required('spec.ports')]
  }
  const [names, numbers] = [new Set<string>(), new Set<string>()]
  return ports.flatMap((port, index) => {
    const path = `spec.ports[${index}]`
    const [name, protocol, number] = [
      textAt(port, 'name'),
      textAt(port, 'protocol'),
      numberAt(port, 'port'),
    ]
    const [knownName, known] = [names.has(name), numbers.has(`${protocol} ${number}`)]
    names.add(name)
    numbers.add(`${protocol} ${number}`)
    return [
      ...(name === '' && ports.length > 1 ? [required(`${path}.name`)] : []),
      ...(name === '' ? [] : checkName(`${path}.name`, name, dnsLabel)),
      ...(name !== '' && knownName ? [duplicate(`${path}.name`, name)] : []),
      ...checkPortNumber(`${path}.port`, number),
      ...checkChoice(`${path}.protocol`, protocol, ['SCTP', 'TCP', 'UDP']),
      ...checkPort(`${path}.targetPort`, port['targetPort']),
      ...checkNodePort(spec, port, path),
      ...(known ? [duplicate(path, goPort(protocol, number))] : []),
    ]
  })
}

// Kubernetes prints its internal type here, whose fields have no JSON names.
function goPort(protocol: string, port: number) {
  const unset = { AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 }
  return { Name: '', Protocol: protocol, ...unset }
}

/** No two of its ports may be the same port of the nodes. */
function checkNodePorts(spec: JsonObject): readonly FieldError[] {
  const seen = new Set<string>()
  return portsOf(spec).flatMap((port, index) => {
    const nodePort = numberAt(port, 'nodePort')
    const key = `${textAt(port, 'protocol')} ${nodePort}`
    const known = nodePort !== 0 && seen.has(key)
    seen.add(key)
    return known ? [duplicate(`spec.ports[${index}].nodePort`, nodePort)] : []
  })
}

const mostStickySeconds = 86_400

/** How long a client keeps its endpoint. Defaults have made it whole. */
function checkAffinity(spec: JsonObject): readonly FieldError[] {
  if (textAt(spec, 'sessionAffinity') !== 'ClientIP') return []
  const config = objectAt(objectAt(spec, 'sessionAffinityConfig') ?? {}, 'clientIP') ?? {}
  const seconds = numberAt(config, 'timeoutSeconds')
  if (seconds > 0 && seconds <= mostStickySeconds) return []
  const field = 'spec.sessionAffinityConfig.clientIP.timeoutSeconds'
  const why = `must be greater than 0 and less than ${mostStickySeconds}`
  return [invalid(field, seconds, why)]
}

function checkNodePort(spec: JsonObject, port: JsonObject, path: string): readonly FieldError[] {
  const type = textAt(spec, 'type')
  if (numberAt(port, 'nodePort') === 0 || (type !== 'ClusterIP' && type !== 'ExternalName')) {
    return []
  }
  return [forbidden(`${path}.nodePort`, `may not be used when \`type\` is '${type}'`)]
}

function checkHeadless(spec: JsonObject): readonly FieldError[] {
  const [first] = clusterIps(spec)
  const type = textAt(spec, 'type')
  const why = `may not be set to 'None' for ${type} services`
  const isRefused = first === headless && type !== 'ClusterIP' && type !== 'ExternalName'
  return isRefused ? [invalid('spec.clusterIPs[0]', first, why)] : []
}

function checkExternalName(spec: JsonObject): readonly FieldError[] {
  const field = 'spec.externalName'
  // A dot at the end says that the name is whole.
  const name = textAt(spec, 'externalName').replace(/\.$/, '')
  return [
    ...(name === '' ? [required(field)] : checkName(field, name, dnsSubdomain)),
    ...validateAddresses(spec),
  ]
}
