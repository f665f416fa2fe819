import { forbidden, invalid, required, type FieldError } from '../../../domain/field-error.ts'
import type { JsonObject } from '../../schema/json-value.ts'
import { numberAt, objectAt, objectsAt, textAt, textsAt } from '../../schema/read-json.ts'
import { checkName, dnsLabel, dnsSubdomain, qualifiedName } from '../name-rules.ts'
import { checkLabelValue, validateLabels } from '../validate-labels.ts'

const needed = 'requiredDuringSchedulingIgnoredDuringExecution'
const wished = 'preferredDuringSchedulingIgnoredDuringExecution'

/** Near what a pod wants to be. @see Kubernetes validation.go, validateAffinity */
export function validateAffinity(spec: JsonObject): readonly FieldError[] {
  const affinity = objectAt(spec, 'affinity') ?? {}
  const near = (key: string) => validateNearPods(objectAt(affinity, key), `spec.affinity.${key}`)
  return [
    ...validateNodes(objectAt(affinity, 'nodeAffinity'), 'spec.affinity.nodeAffinity'),
    ...near('podAffinity'),
    ...near('podAntiAffinity'),
  ]
}

function validateNodes(affinity: JsonObject = {}, path: string): readonly FieldError[] {
  const selector = objectAt(affinity, needed)
  const terms = objectsAt(selector ?? {}, 'nodeSelectorTerms')
  const field = `${path}.${needed}.nodeSelectorTerms`
  return [
    ...(selector !== undefined && terms.length === 0
      ? [required(field, 'must have at least one node selector term')]
      : []),
    ...terms.flatMap((term, index) => validateNodeTerm(term, `${field}[${index}]`)),
    ...validateWishes(affinity, 'preference', validateNodeTerm, path),
  ]
}

/** @param key of a wish, where its term is. */
function validateWishes(
  affinity: JsonObject,
  key: string,
  validateTerm: (term: JsonObject, path: string) => readonly FieldError[],
  path: string,
): readonly FieldError[] {
  return objectsAt(affinity, wished).flatMap((wish, index) => {
    const at = `${path}.${wished}[${index}]`
    return [...checkWeight(wish, at), ...validateTerm(objectAt(wish, key) ?? {}, `${at}.${key}`)]
  })
}

function checkWeight(wish: JsonObject, path: string): readonly FieldError[] {
  const weight = numberAt(wish, 'weight')
  if (weight >= 1 && weight <= 100) return []
  return [invalid(`${path}.weight`, weight, 'must be in the range 1-100')]
}

function validateNodeTerm(term: JsonObject, path: string): readonly FieldError[] {
  return [
    ...objectsAt(term, 'matchExpressions').flatMap((one, index) => {
      const at = `${path}.matchExpressions[${index}]`
      return [...checkOperator(one, ['Gt', 'Lt'], at), ...checkKey(one, at)]
    }),
    ...objectsAt(term, 'matchFields').flatMap((one, index) =>
      validateNodeField(one, `${path}.matchFields[${index}]`),
    ),
  ]
}

/** Of a node's fields only its name can be asked for. */
function validateNodeField(requirement: JsonObject, path: string): readonly FieldError[] {
  const [key, operator] = [textAt(requirement, 'key'), textAt(requirement, 'operator')]
  const values = textsAt(requirement, 'values')
  const asksOne = operator === 'In' || operator === 'NotIn'
  const one = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
  return [
    ...(asksOne && values.length !== 1 ? [required(`${path}.values`, one)] : []),
    ...(asksOne ? [] : [invalid(`${path}.operator`, operator, 'not a valid selector operator')]),
    ...(key === 'metadata.name'
      ? values.flatMap((value, index) => checkName(`${path}.values[${index}]`, value, dnsSubdomain))
      : [invalid(`${path}.key`, key, 'not a valid field selector key')]),
  ]
}

function validateNearPods(affinity: JsonObject = {}, path: string): readonly FieldError[] {
  return [
    ...objectsAt(affinity, needed).flatMap((term, index) =>
      validatePodTerm(term, `${path}.${needed}[${index}]`),
    ),
    ...validateWishes(affinity, 'podAffinityTerm', validatePodTerm, path),
  ]
}

function validatePodTerm(term: JsonObject, path: string): readonly FieldError[] {
  const key = textAt(term, 'topologyKey')
  return [
    ...['labelSelector', 'namespaceSelector'].flatMap((selector) =>
      validateSelector(objectAt(term, selector), `${path}.${selector}`),
    ),
    ...textsAt(term, 'namespaces').flatMap((name) =>
      checkName(`${path}.namespace`, name, dnsLabel),
    ),
    ...(key === '' ? [required(`${path}.topologyKey`, 'can not be empty')] : []),
    ...checkName(`${path}.topologyKey`, key, qualifiedName),
  ]
}

/** What is wrong with a selector of labels, as a field of an object has it. */
export function validateSelector(selector: JsonObject = {}, path: string): readonly FieldError[] {
  return [
    ...validateLabels(objectAt(selector, 'matchLabels') ?? {}, `${path}.matchLabels`),
    ...objectsAt(selector, 'matchExpressions').flatMap((one, index) => {
      const at = `${path}.matchExpressions[${index}]`
      return [
        ...checkOperator(one, [], at),
        ...checkKey(one, at),
        ...textsAt(one, 'values').flatMap((value, valueIndex) =>
          checkLabelValue(value, `${at}.values[${valueIndex}]`),
        ),
      ]
    }),
  ]
}

function checkKey(requirement: JsonObject, path: string): readonly FieldError[] {
  return checkName(`${path}.key`, textAt(requirement, 'key'), qualifiedName)
}

/** @param numeric the operators that compare with one number, where there are such. */
function checkOperator(
  requirement: JsonObject,
  numeric: readonly string[],
  path: string,
): readonly FieldError[] {
  const operator = textAt(requirement, 'operator')
  const count = textsAt(requirement, 'values').length
  const field = `${path}.values`
  if (operator === 'In' || operator === 'NotIn') {
    const why = "must be specified when `operator` is 'In' or 'NotIn'"
    return count === 0 ? [required(field, why)] : []
  }
  if (operator === 'Exists' || operator === 'DoesNotExist') {
    const why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
    return count > 0 ? [forbidden(field, why)] : []
  }
  if (!numeric.includes(operator)) {
    return [invalid(`${path}.operator`, operator, 'not a valid selector operator')]
  }
  const why = "must be specified single value when `operator` is 'Lt' or 'Gt'"
  return count === 1 ? [] : [required(field, why)]
}
