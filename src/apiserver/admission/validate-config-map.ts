import { invalid, rootField, type FieldError } from '../../domain/field-error.ts'
import { asJson, type KubeObject } from '../kube-object.ts'
import { objectAt } from '../schema/read-json.ts'
import { checkDataKeys, checkDataSize, checkImmutable, dataSize } from './config-data.ts'

/** @see Kubernetes pkg/apis/core/validation/validation.go, ValidateConfigMap */
export function validateConfigMap(object: KubeObject): readonly FieldError[] {
  const data = objectAt(asJson(object), 'data') ?? {}
  const binaryData = objectAt(asJson(object), 'binaryData') ?? {}
  const both = Object.keys(data).filter((key) => Object.hasOwn(binaryData, key))
  const repeated = (field: string, other: string) =>
    both.map((key) => invalid(`${field}[${key}]`, key, `duplicate of key present in ${other}`))
  return [
    ...checkDataKeys(data, 'data'),
    ...repeated('data', 'binaryData'),
    ...checkDataKeys(binaryData, 'binaryData'),
    ...repeated('binaryData', 'data'),
    ...checkDataSize(dataSize(data, 'utf8') + dataSize(binaryData, 'base64'), rootField),
  ]
}

/** @see Kubernetes pkg/apis/core/validation/validation.go, ValidateConfigMapUpdate */
export function validateConfigMapUpdate(old: KubeObject, next: KubeObject): readonly FieldError[] {
  return [
    ...checkImmutable(asJson(old), asJson(next), ['data', 'binaryData']),
    ...validateConfigMap(next),
  ]
}
