import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasField, newerFields } from './field-versions.ts'
import { objectType } from './object-type.ts'

test('every field that older versions lack is one that there is', () => {
  const missing = newerFields.filter((path) => {
    const dot = path.lastIndexOf('.')
    return !objectType(path.slice(0, dot)).fields.has(path.slice(dot + 1))
  })
  assert.deepEqual(missing, [])
})

test('a type has the fields of its version', () => {
  assert.equal(objectType('core/v1.PodSpec', '1.31').fields.has('resources'), false)
  assert.equal(objectType('core/v1.PodSpec', '1.32').fields.has('resources'), true)
  assert.equal(objectType('core/v1.PodSpec').fields.has('resources'), true)
  assert.equal(hasField('core/v1.PodSpec', 'containers', '1.27'), true)
})
