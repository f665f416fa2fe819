import type { PodSpec, ResourceRequirements } from '../../pod.ts'
import { containersTotal } from '../../resources/pod-resources.ts'
import { compareQuantity, formatQuantity } from '../../quantity/quantity.ts'
import { forbidden, invalid, type FieldError } from '../../field-error.ts'
import { checkPodLevelResource } from './resource-names.ts'
import { quantitiesOf, validateResourceValues } from './resource-rules.ts'

/**
 * What is wrong with the pod-level resources, by themselves and against the containers.
 *
 * @see Kubernetes validation.go, validatePodResources and validatePodResourceConsistency.
 */
export function validatePodLevelResources(spec: PodSpec): readonly FieldError[] {
  if (!spec.resources) return []
  const claims = spec.resources.claims
    ? [forbidden('spec.resources.claims', 'claims may not be set for Resources at pod-level')]
    : []
  return [
    ...claims,
    ...validateResourceValues(spec.resources, 'spec.resources', checkPodLevelResource),
    ...coversContainers(spec, spec.resources),
    ...boundsContainers(spec, spec.resources),
  ]
}

function coversContainers(spec: PodSpec, podLevel: ResourceRequirements): readonly FieldError[] {
  const total = containersTotal(spec, 'requests')
  return quantitiesOf(podLevel.requests).flatMap(([name, request]) => {
    const sum = total[name]
    if (sum === undefined || compareQuantity(sum, request) <= 0) return []
    const detail = `must be greater than or equal to aggregate container requests of ${formatQuantity(sum)}`
    return [invalid(`spec.resources.requests[${name}]`, formatQuantity(request), detail)]
  })
}

function boundsContainers(spec: PodSpec, podLevel: ResourceRequirements): readonly FieldError[] {
  const bounds = Object.fromEntries(quantitiesOf(podLevel.limits))
  return spec.containers.flatMap(({ resources }, index) =>
    quantitiesOf(resources?.limits).flatMap(([name, limit]) => {
      const bound = bounds[name]
      if (bound === undefined || compareQuantity(limit, bound) <= 0) return []
      // The path really hangs under spec.resources in Kubernetes.
      const field = `spec.resources.containers[${index}][${name}].limits`
      const detail = `must be less than or equal to pod limits of ${formatQuantity(bound)}`
      return [invalid(field, formatQuantity(limit), detail)]
    }),
  )
}
