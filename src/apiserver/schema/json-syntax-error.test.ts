import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { cpuMsOf } from '../../../test/support/cpu-time.ts'
import { jsonSyntaxError } from './json-syntax-error.ts'

const cut = 'unexpected end of JSON input'
const at = (char: string, where: string) => `invalid character '${char}' ${where}`

const cases: readonly (readonly [string, string])[] = [
  ['', cut],
  [' \n', cut],
  ['{', cut],
  ['{"a"', cut],
  ['{"a":1', cut],
  ['[1,', cut],
  ['"a', cut],
  ['"\\', cut],
  ['"\\u00', cut],
  ['-', cut],
  ['1.', cut],
  ['1e+', cut],
  ['tru', cut],
  ['{"a":}', at('}', 'looking for beginning of value')],
  ['x', at('x', 'looking for beginning of value')],
  ['[1,]', at(']', 'looking for beginning of value')],
  ['{spec: {}}', at('s', 'looking for beginning of object key string')],
  ["{'a': 1}", at("\\'", 'looking for beginning of object key string')],
  ['{"a":1,}', at('}', 'looking for beginning of object key string')],
  ['{"a" 1}', at('1', 'after object key')],
  ['{"a":1 "b":2}', at('"', 'after object key:value pair')],
  ['{"a":[1}', at('}', 'after array element')],
  ['[1 2]', at('2', 'after array element')],
  ['[01]', at('1', 'after array element')],
  ['{} {}', at('{', 'after top-level value')],
  ['1x', at('x', 'after top-level value')],
  ['"a\nb"', at('\\n', 'in string literal')],
  ['"\u0001"', at('\\x01', 'in string literal')],
  ['"\\x"', at('x', 'in string escape code')],
  ['"\\u00g0"', at('g', 'in \\u hexadecimal character escape')],
  ['[-a]', at('a', 'in numeric literal')],
  ['[1.e]', at('e', 'after decimal point in numeric literal')],
  ['[1e]', at(']', 'in exponent of numeric literal')],
  ['[true, fals]', at(']', "in literal false (expecting 'e')")],
  ['nil', at('i', "in literal null (expecting 'u')")],
  ['\\', at('\\\\', 'looking for beginning of value')],
  // Go looks at the first byte of these only.
  ['é', at('Ã', 'looking for beginning of value')],
  ['{"a":😀}', at('ð', 'looking for beginning of value')],
]

describe('text that is no JSON is refused in the words of Go', () => {
  for (const [text, wanted] of cases) {
    test(JSON.stringify(text), () => assert.equal(jsonSyntaxError(text), wanted))
  }

  test('and only such text', () => {
    fc.assert(fc.property(fc.json(), (text) => assert.equal(jsonSyntaxError(text), undefined)))
    const pieces = fc.constantFrom(
      ...'{}[],:"\\ \n-+.eE01tfn'.split(''),
      'true',
      'null',
      '"a"',
      '\\u00e9',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join('')
        assert.equal(jsonSyntaxError(text) === undefined, isJson(text), text)
      }),
      { numRuns: 2000 },
    )
  })

  test('however long it is, in little time', () => {
    const text = `[${'"a\\n",{"b":[1.5e3,null]},'.repeat(100_000)}`
    assert.ok(cpuMsOf(() => assert.equal(jsonSyntaxError(text), cut)) < 5000)
    assert.equal(jsonSyntaxError('['.repeat(1_000_000)), cut)
  })
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
