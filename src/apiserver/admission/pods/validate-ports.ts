import { duplicate, invalid, required, type FieldError } from '../../../domain/field-error.ts'
import type { JsonObject, JsonValue } from '../../schema/json-value.ts'
import { numberAt, objectsAt, textAt } from '../../schema/read-json.ts'
import { checkChoice } from '../choice.ts'
import { checkName, portName } from '../name-rules.ts'

/** A port number from 1 to 65535. */
export function checkPortNumber(field: string, port: number): readonly FieldError[] {
  if (port >= 1 && port <= 65_535) return []
  return [invalid(field, port, 'must be between 1 and 65535, inclusive')]
}

/** A port by its number or by its name. */
export function checkPort(field: string, port: JsonValue | undefined): readonly FieldError[] {
  return typeof port === 'string'
    ? checkName(field, port, portName)
    : checkPortNumber(field, typeof port === 'number' ? port : 0)
}

/** The ports of one container. */
export function validatePorts(container: JsonObject, path: string): readonly FieldError[] {
  const names = new Set<string>()
  return objectsAt(container, 'ports').flatMap((port, index) =>
    validatePort(port, `${path}.ports[${index}]`, names),
  )
}

function validatePort(port: JsonObject, path: string, names: Set<string>): readonly FieldError[] {
  const [containerPort, hostPort] = [numberAt(port, 'containerPort'), numberAt(port, 'hostPort')]
  return [
    ...validatePortName(textAt(port, 'name'), `${path}.name`, names),
    ...(containerPort === 0
      ? [required(`${path}.containerPort`)]
      : checkPortNumber(`${path}.containerPort`, containerPort)),
    ...(hostPort === 0 ? [] : checkPortNumber(`${path}.hostPort`, hostPort)),
    ...checkChoice(`${path}.protocol`, textAt(port, 'protocol'), ['SCTP', 'TCP', 'UDP']),
  ]
}

function validatePortName(name: string, field: string, names: Set<string>): readonly FieldError[] {
  if (name === '') return []
  const problems = checkName(field, name, portName)
  if (problems.length > 0) return problems
  if (names.has(name)) return [duplicate(field, name)]
  names.add(name)
  return []
}

/** Each port of the node can be taken once. */
export function validateHostPorts(
  containers: readonly JsonObject[],
  path: string,
): readonly FieldError[] {
  const taken = new Set<string>()
  return containers.flatMap((container, index) =>
    objectsAt(container, 'ports').flatMap((port, portIndex) => {
      const hostPort = numberAt(port, 'hostPort')
      if (hostPort === 0) return []
      const key = `${textAt(port, 'protocol')}/${textAt(port, 'hostIP')}/${hostPort}`
      if (taken.has(key)) {
        return [duplicate(`${path}[${index}].ports[${portIndex}].hostPort`, key)]
      }
      taken.add(key)
      return []
    }),
  )
}
