import { forbidden, invalid, required, type FieldError } from '../../../domain/field-error.ts'
import type { JsonObject } from '../../schema/json-value.ts'
import { hasValue, numberAt, objectAt, textAt, textsAt } from '../../schema/read-json.ts'
import { checkChoice } from '../choice.ts'
import { checkPort } from './validate-ports.ts'

const probeNames = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const

/** Probes and lifecycle hooks of a container that may have them. */
export function validateProbes(
  container: JsonObject,
  gracePeriod: number,
  path: string,
): readonly FieldError[] {
  const hooks = objectAt(container, 'lifecycle') ?? {}
  return [
    ...['postStart', 'preStop'].flatMap((name) => {
      const hook = objectAt(hooks, name)
      return hook ? validateHandler(hook, gracePeriod, `${path}.lifecycle.${name}`) : []
    }),
    ...probeNames.flatMap((name) => {
      const probe = objectAt(container, name)
      return probe ? validateProbe(probe, name, gracePeriod, `${path}.${name}`) : []
    }),
  ]
}

/** An init container ends: nothing can be probed. */
export function forbidProbes(container: JsonObject, path: string): readonly FieldError[] {
  return ['lifecycle', ...probeNames]
    .filter((name) => objectAt(container, name))
    .map((name) =>
      forbidden(
        `${path}.${name}`,
        'may not be set for init containers without restartPolicy=Always',
      ),
    )
}

const counts = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
]

function validateProbe(
  probe: JsonObject,
  name: (typeof probeNames)[number],
  gracePeriod: number,
  path: string,
): readonly FieldError[] {
  const negative = counts
    .filter((count) => numberAt(probe, count) < 0)
    .map((count) => invalid(`${path}.${count}`, probe[count], 'must be greater than or equal to 0'))
  return [
    ...validateHandler(probe, gracePeriod, path),
    ...negative,
    ...validateProbeGrace(probe, name, `${path}.terminationGracePeriodSeconds`),
    ...(name !== 'readinessProbe' && numberAt(probe, 'successThreshold') !== 1
      ? [invalid(`${path}.successThreshold`, probe['successThreshold'], 'must be 1')]
      : []),
  ]
}

function validateProbeGrace(probe: JsonObject, name: string, field: string): readonly FieldError[] {
  if (!hasValue(probe, 'terminationGracePeriodSeconds')) return []
  const seconds = numberAt(probe, 'terminationGracePeriodSeconds')
  return [
    ...(seconds <= 0 ? [invalid(field, seconds, 'must be greater than 0')] : []),
    ...(name === 'readinessProbe'
      ? [invalid(field, seconds, 'must not be set for readinessProbes')]
      : []),
  ]
}

const handlers = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep']

function validateHandler(
  handler: JsonObject,
  gracePeriod: number,
  path: string,
): readonly FieldError[] {
  const [first, ...others] = handlers.filter((name) => objectAt(handler, name))
  if (first === undefined) return [required(path, 'must specify a handler type')]
  return [
    ...validateAction(first, objectAt(handler, first) ?? {}, gracePeriod, `${path}.${first}`),
    ...others.map((name) =>
      forbidden(`${path}.${name}`, 'may not specify more than 1 handler type'),
    ),
  ]
}

function validateAction(
  name: string,
  action: JsonObject,
  gracePeriod: number,
  path: string,
): readonly FieldError[] {
  switch (name) {
    case 'exec':
      return textsAt(action, 'command').length === 0 ? [required(`${path}.command`)] : []
    case 'httpGet':
      return [
        ...(textAt(action, 'path') === '' ? [required(`${path}.path`)] : []),
        ...checkPort(`${path}.port`, action['port']),
        ...checkChoice(`${path}.scheme`, textAt(action, 'scheme'), ['HTTP', 'HTTPS']),
      ]
    case 'sleep':
      return validateSleep(numberAt(action, 'seconds'), gracePeriod, path)
    default:
      return checkPort(`${path}.port`, action['port'])
  }
}

function validateSleep(seconds: number, gracePeriod: number, path: string): readonly FieldError[] {
  if (seconds >= 0 && seconds <= gracePeriod) return []
  const range = `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod})`
  return [invalid(path, seconds, range)]
}
