import { forbidden, invalid, type FieldError } from '../../domain/field-error.ts'
import { checkNetwork } from '../admission/check-network.ts'
import { checkChoice } from '../admission/choice.ts'
import { checkName, qualifiedName } from '../admission/name-rules.ts'
import { checkPortNumber } from '../admission/pods/validate-ports.ts'
import type { JsonObject } from '../schema/json-value.ts'
import { hasValue, numberAt, textAt, textsAt } from '../schema/read-json.ts'
import { isChecked, isOpen } from './service-view.ts'

/**
 * Which way traffic comes to a service, and what may be asked of it there. Defaults have made
 * the spec whole.
 *
 * @see Kubernetes pkg/apis/core/validation/validation.go, validateService
 */
export function checkTraffic(spec: JsonObject): readonly FieldError[] {
  return [
    ...checkSourceRanges(spec),
    ...checkBalanced(spec, 'allocateLoadBalancerNodePorts'),
    ...checkBalanced(spec, 'loadBalancerClass'),
    ...given(spec, 'loadBalancerClass', (name) =>
      checkName('spec.loadBalancerClass', name, qualifiedName),
    ),
    ...checkFromOutside(spec),
    ...checkHealthPort(spec),
    ...given(spec, 'internalTrafficPolicy', (policy) =>
      checkChoice('spec.internalTrafficPolicy', policy, policies),
    ),
    ...given(spec, 'trafficDistribution', (way) =>
      checkChoice('spec.trafficDistribution', way, distributions),
    ),
  ]
}

const policies = ['Cluster', 'Local']
const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode']
const onlyBalanced = "may only be used when `type` is 'LoadBalancer'"

function given(
  spec: JsonObject,
  field: string,
  check: (value: string) => readonly FieldError[],
): readonly FieldError[] {
  const value = textAt(spec, field)
  return value === '' ? [] : check(value)
}

function checkBalanced(spec: JsonObject, field: string): readonly FieldError[] {
  const isBalanced = textAt(spec, 'type') === 'LoadBalancer'
  return isBalanced || !hasValue(spec, field) ? [] : [forbidden(`spec.${field}`, onlyBalanced)]
}

function checkSourceRanges(spec: JsonObject): readonly FieldError[] {
  const ranges = textsAt(spec, 'loadBalancerSourceRanges')
  if (ranges.length === 0) return []
  // Kubernetes writes it so.
  const field = 'spec.LoadBalancerSourceRanges'
  return [
    ...(textAt(spec, 'type') === 'LoadBalancer' ? [] : [forbidden(field, onlyBalanced)]),
    ...ranges.flatMap((range, index) => checkNetwork(range.trim(), `${field}[${index}]`)),
  ]
}

function checkFromOutside(spec: JsonObject): readonly FieldError[] {
  const field = 'spec.externalTrafficPolicy'
  const policy = textAt(spec, 'externalTrafficPolicy')
  if (isOpen(spec)) return checkChoice(field, policy, policies)
  const why = 'may only be set for externally-accessible services'
  return policy === '' ? [] : [invalid(field, policy, why)]
}

function checkHealthPort(spec: JsonObject): readonly FieldError[] {
  const field = 'spec.healthCheckNodePort'
  const port = numberAt(spec, 'healthCheckNodePort')
  if (port === 0) return []
  const why = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
  return isChecked(spec) ? checkPortNumber(field, port) : [invalid(field, port, why)]
}
