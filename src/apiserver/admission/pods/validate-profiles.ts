import { invalid, notSupported, required, type FieldError } from '../../../domain/field-error.ts'
import type { JsonObject } from '../../schema/json-value.ts'
import { hasValue, objectAt, textAt } from '../../schema/read-json.ts'
import { checkDescending } from './validate-mounts.ts'

/** Seccomp's and AppArmor's profiles; only the first kind is a file, below the node's directory. */
export function validateProfiles(context: JsonObject, path: string): readonly FieldError[] {
  const seccomp = objectAt(context, 'seccompProfile')
  const appArmor = objectAt(context, 'appArmorProfile')
  return [
    ...(seccomp === undefined ? [] : validateSeccomp(seccomp, `${path}.seccompProfile`)),
    ...(appArmor === undefined ? [] : validateAppArmor(appArmor, `${path}.appArmorProfile`)),
  ]
}

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined']

/** @see Kubernetes validation.go, validateSeccompProfileField */
function validateSeccomp(profile: JsonObject, path: string): readonly FieldError[] {
  const [type, local] = [textAt(profile, 'type'), textAt(profile, 'localhostProfile')]
  const field = `${path}.localhostProfile`
  const isGiven = hasValue(profile, 'localhostProfile')
  if (type !== 'Localhost') {
    // Kubernetes prints its internal type here, whose fields have no JSON names.
    const printed = { Type: type, LocalhostProfile: local }
    const why = 'can only be set when seccomp type is Localhost'
    return [
      ...checkType(type, 'seccompProfile', path),
      ...(isGiven ? [invalid(field, printed, why)] : []),
    ]
  }
  const why = 'must be set when seccomp type is Localhost'
  return isGiven ? checkDescending(field, local) : [required(field, why)]
}

/** @see Kubernetes validation.go, ValidateAppArmorProfileField */
function validateAppArmor(profile: JsonObject, path: string): readonly FieldError[] {
  const [type, local] = [textAt(profile, 'type'), textAt(profile, 'localhostProfile')]
  const field = `${path}.localhostProfile`
  if (type !== 'Localhost') {
    const why = 'can only be set when AppArmor type is Localhost'
    const isOther = profileTypes.includes(type) && hasValue(profile, 'localhostProfile')
    return [
      ...checkType(type, 'appArmorProfile', path),
      ...(isOther ? [invalid(field, local, why)] : []),
    ]
  }
  if (local === '') return [required(field, 'must be set when AppArmor type is Localhost')]
  return local === local.trim() ? [] : [invalid(field, local, 'must not be padded with whitespace')]
}

function checkType(type: string, profile: string, path: string): readonly FieldError[] {
  if (type === '') return [required(`${path}.type`, `type is required when ${profile} is set`)]
  return profileTypes.includes(type) ? [] : [notSupported(`${path}.type`, type, profileTypes)]
}
