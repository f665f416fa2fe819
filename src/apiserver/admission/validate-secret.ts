import { invalid, required, type FieldError } from '../../domain/field-error.ts'
import { asJson, type KubeObject } from '../kube-object.ts'
import { isJsonObject, type JsonObject } from '../schema/json-value.ts'
import { parseJson } from '../schema/parse-json.ts'
import { hasValue, objectAt, textAt } from '../schema/read-json.ts'
import { accountNameAnnotation, tokenSecretType } from '../token-secret.ts'
import { checkDataKeys, checkDataSize, checkImmutable, dataSize } from './config-data.ts'

/**
 * What is wrong with a secret whose `stringData` was put into `data`.
 *
 * @see Kubernetes pkg/apis/core/validation/validation.go, ValidateSecret
 */
export function validateSecret(secret: KubeObject): readonly FieldError[] {
  const data = objectAt(asJson(secret), 'data') ?? {}
  return [
    ...checkDataKeys(data, 'data'),
    ...checkDataSize(dataSize(data, 'base64'), 'data'),
    ...checkTyped(secret, data),
  ]
}

/** @see Kubernetes pkg/apis/core/validation/validation.go, ValidateSecretUpdate */
export function validateSecretUpdate(old: KubeObject, next: KubeObject): readonly FieldError[] {
  const [was, is] = [textAt(asJson(old), 'type'), textAt(asJson(next), 'type')]
  return [
    ...(was === is ? [] : [invalid('type', is, 'field is immutable')]),
    ...checkImmutable(asJson(old), asJson(next), ['data']),
    ...validateSecret(next),
  ]
}

/** What a secret of a type that Kubernetes knows must hold. */
function checkTyped(secret: KubeObject, data: JsonObject): readonly FieldError[] {
  switch (textAt(asJson(secret), 'type')) {
    case tokenSecretType:
      return checkAccount(secret)
    case 'kubernetes.io/dockercfg':
      return checkDockerConfig(data, '.dockercfg')
    case 'kubernetes.io/dockerconfigjson':
      return checkDockerConfig(data, '.dockerconfigjson')
    case 'kubernetes.io/basic-auth':
      return hasValue(data, 'username') || hasValue(data, 'password')
        ? []
        : [required('data[username]'), required('data[password]')]
    case 'kubernetes.io/ssh-auth':
      return textAt(data, 'ssh-privatekey') === '' ? [required('data[ssh-privatekey]')] : []
    case 'kubernetes.io/tls':
      return ['tls.crt', 'tls.key'].flatMap((key) =>
        hasValue(data, key) ? [] : [required(`data[${key}]`)],
      )
    default:
      return []
  }
}

function checkAccount({ metadata }: KubeObject): readonly FieldError[] {
  const name = metadata.annotations?.[accountNameAnnotation] ?? ''
  return name === '' ? [required(`metadata.annotations[${accountNameAnnotation}]`)] : []
}

function checkDockerConfig(data: JsonObject, key: string): readonly FieldError[] {
  const field = `data[${key}]`
  if (!hasValue(data, key)) return [required(field)]
  const parsed = parseJson(Buffer.from(textAt(data, key), 'base64').toString())
  if (parsed.kind === 'parsed' && isJsonObject(parsed.value)) return []
  // A parser's own words would quote the secret.
  const why = 'json: cannot unmarshal into Go value of type map[string]interface {}'
  return [invalid(field, '<secret contents redacted>', why)]
}
