import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatFieldError, type FieldError } from '../../domain/field-error.ts'
import { asKubeObject, type KubeObject } from '../kube-object.ts'
import type { JsonObject } from '../schema/json-value.ts'
import { validateConfigMap, validateConfigMapUpdate } from './validate-config-map.ts'
import { validateSecret, validateSecretUpdate } from './validate-secret.ts'

function objectOf(fields: JsonObject): KubeObject {
  return asKubeObject({ metadata: { name: 'x', namespace: 'default' }, ...fields })
}

function texts(errors: readonly FieldError[]): readonly string[] {
  return errors.map(formatFieldError)
}

const base64 = (text: string) => Buffer.from(text).toString('base64')
const big = 'x'.repeat(1024 * 1024)
const keyRule =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
const frozen = 'Forbidden: field is immutable when `immutable` is set'

describe('a config map', () => {
  const cases: readonly (readonly [string, JsonObject, readonly string[]])[] = [
    ['without data', {}, []],
    ['with text and bytes', { data: { 'a.b_c-D': 'x' }, binaryData: { raw: 'AAE=' } }, []],
    [
      'with keys that are no names of files',
      { data: { 'a b': '' }, binaryData: { '..': '' } },
      [
        `data[a b]: Invalid value: "a b": ${keyRule}`,
        `binaryData[..]: Invalid value: "..": must not be '..'`,
      ],
    ],
    [
      'with one key twice',
      { data: { a: 'x' }, binaryData: { a: 'AA==' } },
      [
        'data[a]: Invalid value: "a": duplicate of key present in binaryData',
        'binaryData[a]: Invalid value: "a": duplicate of key present in data',
      ],
    ],
    ['of 1 MiB', { data: { a: big } }, []],
    [
      'of more than 1 MiB in both',
      { data: { a: big }, binaryData: { b: base64('x') } },
      ['[]: Too long: may not be more than 1048576 bytes'],
    ],
  ]
  for (const [name, fields, expected] of cases) {
    test(name, () => assert.deepEqual(texts(validateConfigMap(objectOf(fields))), expected))
  }

  test('that is immutable keeps its data and stays immutable', () => {
    const old = objectOf({ immutable: true, data: { a: '1' } })
    const refused = (fields: JsonObject) => texts(validateConfigMapUpdate(old, objectOf(fields)))
    assert.deepEqual(refused({ immutable: true, data: { a: '1' } }), [])
    assert.deepEqual(refused({ immutable: true, data: { a: '2' } }), [`data: ${frozen}`])
    assert.deepEqual(refused({ data: { a: '1' }, binaryData: { b: 'AA==' } }), [
      `immutable: ${frozen}`,
      `binaryData: ${frozen}`,
    ])
  })

  test('that is not changes, and becomes immutable', () => {
    const old = objectOf({ data: { a: '1' } })
    const next = objectOf({ immutable: true, data: { a: '2' } })
    assert.deepEqual(validateConfigMapUpdate(old, next), [])
  })
})

describe('a secret', () => {
  const typed = (type: string, data: JsonObject = {}) => ({ type, data })
  const cases: readonly (readonly [string, JsonObject, readonly string[]])[] = [
    ['of no type that Kubernetes knows', typed('example.com/own', { a: '' }), []],
    [
      'with a bad key',
      typed('Opaque', { '..a': '' }),
      [`data[..a]: Invalid value: "..a": must not start with '..'`],
    ],
    ['of 1 MiB', typed('Opaque', { a: base64(big) }), []],
    [
      'of more than 1 MiB',
      typed('Opaque', { a: base64(`${big}x`) }),
      ['data: Too long: may not be more than 1048576 bytes'],
    ],
    [
      'tls with nothing',
      typed('kubernetes.io/tls'),
      ['data[tls.crt]: Required value', 'data[tls.key]: Required value'],
    ],
    ['tls with empty values', typed('kubernetes.io/tls', { 'tls.crt': '', 'tls.key': '' }), []],
    [
      'basic-auth with neither name nor password',
      typed('kubernetes.io/basic-auth'),
      ['data[username]: Required value', 'data[password]: Required value'],
    ],
    ['basic-auth with a password', typed('kubernetes.io/basic-auth', { password: '' }), []],
    [
      'ssh-auth with an empty key',
      typed('kubernetes.io/ssh-auth', { 'ssh-privatekey': '' }),
      ['data[ssh-privatekey]: Required value'],
    ],
    [
      'dockerconfigjson without its key',
      typed('kubernetes.io/dockerconfigjson'),
      ['data[.dockerconfigjson]: Required value'],
    ],
    [
      'dockercfg that is no JSON, of which nothing is told',
      typed('kubernetes.io/dockercfg', { '.dockercfg': base64('password') }),
      [
        'data[.dockercfg]: Invalid value: "<secret contents redacted>": json: cannot unmarshal into Go value of type map[string]interface {}',
      ],
    ],
    ['dockercfg', typed('kubernetes.io/dockercfg', { '.dockercfg': base64('{"a":{}}') }), []],
    [
      'service-account-token of no account',
      typed('kubernetes.io/service-account-token'),
      ['metadata.annotations[kubernetes.io/service-account.name]: Required value'],
    ],
  ]
  for (const [name, fields, expected] of cases) {
    test(name, () => assert.deepEqual(texts(validateSecret(objectOf(fields))), expected))
  }

  test('keeps its type', () => {
    const errors = validateSecretUpdate(
      objectOf(typed('kubernetes.io/ssh-auth', { 'ssh-privatekey': 'AA==' })),
      objectOf(typed('Opaque')),
    )
    assert.deepEqual(texts(errors), ['type: Invalid value: "Opaque": field is immutable'])
  })

  test('that is immutable keeps its data and stays immutable', () => {
    const errors = validateSecretUpdate(
      objectOf({ ...typed('Opaque', { a: 'AA==' }), immutable: true }),
      objectOf(typed('Opaque', { a: 'AQ==' })),
    )
    assert.deepEqual(texts(errors), [`immutable: ${frozen}`, `data: ${frozen}`])
  })
})
