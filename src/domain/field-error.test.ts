import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  causesOf,
  duplicate,
  forbidden,
  formatFieldError,
  invalid,
  invalidMessage,
  notSupported,
  required,
  rootField,
} from './field-error.ts'

const printed = [
  [
    forbidden(rootField, 'static pods cannot be resized'),
    '[]: Forbidden: static pods cannot be resized',
  ],
  [invalid('spec', 'Guaranteed', 'no'), 'spec: Invalid value: "Guaranteed": no'],
  [invalid('spec.priority', 5, 'no'), 'spec.priority: Invalid value: 5: no'],
  [invalid('spec', undefined, 'no'), 'spec: Invalid value: null: no'],
  [required('spec.name'), 'spec.name: Required value'],
  [required('spec.name', 'really'), 'spec.name: Required value: really'],
  [duplicate('spec.x[1]', 'cpu'), 'spec.x[1]: Duplicate value: "cpu"'],
  [
    notSupported('spec.x', 'y', ['cpu', 'memory']),
    'spec.x: Unsupported value: "y": supported values: "cpu", "memory"',
  ],
] as const

for (const [error, text] of printed) {
  test(text, () => assert.equal(formatFieldError(error), text))
}

test('one error stands alone in the message', () => {
  const message = invalidMessage('Pod', 'x', [
    forbidden(rootField, 'static pods cannot be resized'),
  ])
  assert.equal(message, 'Pod "x" is invalid: []: Forbidden: static pods cannot be resized')
})

test('several errors are bracketed and equal ones printed once, but every one is a cause', () => {
  const errors = [forbidden('spec', 'a'), forbidden('spec', 'a'), forbidden('spec', 'b')]
  assert.equal(
    invalidMessage('Pod', 'x', errors),
    'Pod "x" is invalid: [spec: Forbidden: a, spec: Forbidden: b]',
  )
  assert.equal(
    invalidMessage('Pod', 'x', errors.slice(0, 2)),
    'Pod "x" is invalid: spec: Forbidden: a',
  )
  assert.deepEqual(causesOf(errors).slice(1), [
    { reason: 'FieldValueForbidden', message: 'Forbidden: a', field: 'spec' },
    { reason: 'FieldValueForbidden', message: 'Forbidden: b', field: 'spec' },
  ])
})
