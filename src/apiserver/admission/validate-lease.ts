import { invalid, type FieldError } from '../../domain/field-error.ts'
import { asJson, type KubeObject } from '../kube-object.ts'
import { hasValue, numberAt, objectAt } from '../schema/read-json.ts'

/** @see Kubernetes pkg/apis/coordination/validation/validation.go, ValidateLeaseSpec */
export function validateLease(lease: KubeObject): readonly FieldError[] {
  const spec = objectAt(asJson(lease), 'spec') ?? {}
  const [seconds, transitions] = [
    numberAt(spec, 'leaseDurationSeconds'),
    numberAt(spec, 'leaseTransitions'),
  ]
  return [
    ...(hasValue(spec, 'leaseDurationSeconds') && seconds <= 0
      ? [invalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0')]
      : []),
    ...(transitions < 0
      ? [invalid('spec.leaseTransitions', transitions, 'must be greater than or equal to 0')]
      : []),
  ]
}
