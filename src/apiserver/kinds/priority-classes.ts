import { forbidden as forbiddenField, type FieldError } from '../../domain/field-error.ts'
import { checkChoice } from '../admission/choice.ts'
import type { Call } from '../call.ts'
import type { Kind } from '../kind/kind.ts'
import type { KubeObject } from '../kube-object.ts'
import { asPriorityClass, isSystemClass, priorityClasses } from '../pods/priority.ts'
import { forbidden } from '../status-error.ts'
import { priorityClassColumns } from '../table/columns/plain-kinds.ts'

const preemptionPolicies = ['PreemptLowerPriority', 'Never']
const highestUserValue = 1_000_000_000

export const priorityClassKind: Kind = {
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  singular: 'priorityclass',
  shortNames: ['pc'],
  namespaced: false,
  type: 'scheduling/v1.PriorityClass',
  columns: priorityClassColumns,
  applyDefaults: (object) => ({
    ...object,
    value: asPriorityClass(object).value ?? 0,
    preemptionPolicy: asPriorityClass(object).preemptionPolicy ?? 'PreemptLowerPriority',
  }),
  validateCreate: validateClass,
  validateUpdate: (old, submitted) => [
    ...(asPriorityClass(old).value === asPriorityClass(submitted).value
      ? []
      : [forbiddenField('value', 'may not be changed in an update.')]),
    ...(asPriorityClass(old).preemptionPolicy === asPriorityClass(submitted).preemptionPolicy
      ? []
      : [forbiddenField('preemptionPolicy', 'may not be changed in an update.')]),
  ],
  admitCreate: refuseSecondDefault,
  admitUpdate: (_old, object, call) => refuseSecondDefault(object, call),
  admitDelete: (object, call) => {
    if (!isSystemClass(object.metadata.name)) return
    throw forbidden(call.target.kind, object.metadata.name, 'this is a system priority class')
  },
}

function validateClass(object: KubeObject): readonly FieldError[] {
  const { value = 0, metadata, preemptionPolicy } = asPriorityClass(object)
  if (isSystemClass(metadata.name)) return []
  return [
    ...(metadata.name.startsWith('system-')
      ? [
          forbiddenField(
            'metadata.name',
            `priority class names with 'system-' prefix are reserved for system use only. error: ${metadata.name} is not a known system priority class`,
          ),
        ]
      : []),
    ...(value > highestUserValue
      ? [
          forbiddenField(
            'value',
            `maximum allowed value of a user defined priority is ${highestUserValue}`,
          ),
        ]
      : []),
    ...checkChoice('preemptionPolicy', preemptionPolicy ?? '', preemptionPolicies),
  ]
}

function refuseSecondDefault(object: KubeObject, call: Call): void {
  if (asPriorityClass(object).globalDefault !== true) return
  const { name } = object.metadata
  const other = call.server.store
    .listLatest(priorityClasses, '')
    .find((one) => one.key !== name && asPriorityClass(one.object).globalDefault === true)
  if (other === undefined) return
  const why = `PriorityClass ${other.key} is already marked as default. Only one default can exist`
  throw forbidden(call.target.kind, name, why)
}
