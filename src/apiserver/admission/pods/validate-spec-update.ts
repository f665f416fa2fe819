import { forbidden, invalid, required, type FieldError } from '../../../domain/field-error.ts'
import type { JsonObject } from '../../schema/json-value.ts'
import { hasValue, numberAt, objectsAt, textAt } from '../../schema/read-json.ts'
import { validateGatedUpdate } from './validate-gated-update.ts'
import { validateAddedTolerations } from './validate-tolerations.ts'

export interface UpdateCheck {
  /** `stop`: the two cannot be compared any further. */
  readonly kind: 'stop' | 'compare'
  readonly errors: readonly FieldError[]
}

/** The rules for the few fields of a running pod's spec that may change, but one: resources. */
export function validateSpecUpdate(before: JsonObject, after: JsonObject): UpdateCheck {
  const errors: FieldError[] = []
  for (const list of ['containers', 'initContainers']) {
    const now = objectsAt(after, list)
    if (now.length !== objectsAt(before, list).length) {
      const text = 'pod updates may not add or remove containers'
      return { kind: 'stop', errors: [...errors, forbidden(`spec.${list}`, text)] }
    }
    errors.push(
      ...now.flatMap((container, index) => checkImage(container, `spec.${list}[${index}]`)),
    )
  }
  const deadline = checkDeadline(before, after)
  if (deadline.kind === 'stop') return { kind: 'stop', errors: [...errors, ...deadline.errors] }
  return {
    kind: 'compare',
    errors: [
      ...errors,
      ...deadline.errors,
      ...validateAddedTolerations(before, after),
      ...checkGates(before, after),
      ...validateGatedUpdate(before, after),
    ],
  }
}

function checkImage(container: JsonObject, path: string): readonly FieldError[] {
  const image = textAt(container, 'image')
  if (image === '') return [required(`${path}.image`)]
  if (image.trim() === image) return []
  return [invalid(`${path}.image`, image, 'must not have leading or trailing whitespace')]
}

function checkDeadline(before: JsonObject, after: JsonObject): UpdateCheck {
  const field = 'spec.activeDeadlineSeconds'
  const [was, is] = [
    numberAt(before, 'activeDeadlineSeconds'),
    numberAt(after, 'activeDeadlineSeconds'),
  ]
  if (!hasValue(before, 'activeDeadlineSeconds')) return { kind: 'compare', errors: [] }
  if (!hasValue(after, 'activeDeadlineSeconds')) {
    const text = 'must not update from a positive integer to nil value'
    return { kind: 'compare', errors: [invalid(field, null, text)] }
  }
  if (was >= is) return { kind: 'compare', errors: [] }
  const text = 'must be less than or equal to previous value'
  return { kind: 'stop', errors: [invalid(field, is, text)] }
}

function checkGates(before: JsonObject, after: JsonObject): readonly FieldError[] {
  const old = new Set(objectsAt(before, 'schedulingGates').map((gate) => textAt(gate, 'name')))
  return objectsAt(after, 'schedulingGates').flatMap((gate, index) =>
    old.has(textAt(gate, 'name'))
      ? []
      : [
          forbidden(
            `spec.schedulingGates[${index}].name`,
            `only deletion is allowed, but found new scheduling gate '${textAt(gate, 'name')}'`,
          ),
        ],
  )
}
