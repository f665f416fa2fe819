import { duplicate, forbidden, type FieldError } from '../../../domain/field-error.ts'
import type { JsonObject } from '../../schema/json-value.ts'
import { objectsAt, textAt } from '../../schema/read-json.ts'
import { checkName, qualifiedName } from '../name-rules.ts'

/** What keeps a pod from being ready, and from being scheduled. */
export function validateGates(spec: JsonObject): readonly FieldError[] {
  const readiness = objectsAt(spec, 'readinessGates').flatMap((gate, index) =>
    checkName(
      `spec.readinessGates[${index}].conditionType`,
      textAt(gate, 'conditionType'),
      qualifiedName,
    ),
  )
  return [...readiness, ...validateSchedulingGates(spec)]
}

function validateSchedulingGates(spec: JsonObject): readonly FieldError[] {
  const names = objectsAt(spec, 'schedulingGates').map((gate) => textAt(gate, 'name'))
  const why = 'cannot be set until all schedulingGates have been cleared'
  return [
    ...names.flatMap((name, index) => {
      const path = `spec.schedulingGates[${index}]`
      return [
        ...checkName(path, name, qualifiedName),
        ...(names.indexOf(name) < index ? [duplicate(path, name)] : []),
      ]
    }),
    ...(names.length > 0 && textAt(spec, 'nodeName') !== ''
      ? [forbidden('spec.nodeName', why)]
      : []),
  ]
}
