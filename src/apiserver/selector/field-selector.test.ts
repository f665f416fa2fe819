import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { matchesFields, parseFieldSelector } from './field-selector.ts'

const supported = new Set(['metadata.name', 'status.phase'])

describe('a field selector', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['', 'web', true],
    ['metadata.name=web', 'web', true],
    ['metadata.name==web', 'web', true],
    ['metadata.name!=web', 'web', false],
    ['metadata.name!=web', 'other', true],
    ['metadata.name=web,status.phase!=x', 'web', true],
    ['metadata.name=a\\,b', 'a,b', true],
    ['metadata.name=a\\=b\\\\', 'a=b\\', true],
    ['metadata.name=', '', true],
    [',,', 'web', true],
  ]
  for (const [text, name, wanted] of cases) {
    test(`${JSON.stringify(text)} on ${name}: ${wanted}`, () => {
      const parsed = parseFieldSelector(text, supported)
      assert.equal(parsed.kind, 'selector', JSON.stringify(parsed))
      if (parsed.kind !== 'selector') return
      const matches = matchesFields(parsed.selector, (field) =>
        field === 'metadata.name' ? name : 'Running',
      )
      assert.equal(matches, wanted)
    })
  }

  const failures: readonly (readonly [string, string])[] = [
    ['spec.foo=1', 'field label not supported: spec.foo'],
    ['metadata.name', "invalid selector: 'metadata.name'; can't understand 'metadata.name'"],
    ['metadata.name=a=b', 'invalid field selector: unescaped character in value: 61'],
    ['metadata.name=a\\b', 'invalid field selector: invalid escape sequence: \\b'],
    ['metadata.name=a\\', 'invalid field selector: invalid escape sequence: \\'],
  ]
  for (const [text, message] of failures) {
    test(`${JSON.stringify(text)} is refused`, () => {
      assert.deepEqual(parseFieldSelector(text, supported), { kind: 'invalid', message })
    })
  }

  test('of any text is a value', () => {
    const piece = fc.constantFrom('metadata.name', '=', '!', '\\', ',', 'x', '==')
    const text = fc.oneof(
      fc.array(piece).map((pieces) => pieces.join('')),
      fc.string(),
    )
    fc.assert(
      fc.property(text, (given) => {
        const parsed = parseFieldSelector(given, supported)
        assert.ok(parsed.kind === 'selector' || parsed.message !== '')
      }),
      { numRuns: 2000 },
    )
  })

  test('finds again any value that was escaped', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const escaped = value.replaceAll(/[\\,=]/g, '\\$&')
        const parsed = parseFieldSelector(`metadata.name=${escaped}`, supported)
        assert.equal(parsed.kind, 'selector')
        if (parsed.kind === 'selector') assert.equal(parsed.selector[0]?.value, value)
      }),
    )
  })
})
