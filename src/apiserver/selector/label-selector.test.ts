import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { matchesLabels, parseLabelSelector, type Labels } from './label-selector.ts'

function selects(text: string, labels: Labels): boolean {
  const parsed = parseLabelSelector(text)
  assert.equal(parsed.kind, 'selector')
  return parsed.kind === 'selector' && matchesLabels(parsed.selector, labels)
}

describe('a label selector', () => {
  const cases: readonly (readonly [string, Labels, boolean])[] = [
    ['', {}, true],
    ['   ', { a: 'b' }, true],
    ['a=b', { a: 'b' }, true],
    ['a = b', { a: 'b' }, true],
    ['a==b', { a: 'c' }, false],
    ['a=', { a: '' }, true],
    ['a=', {}, false],
    ['a!=b', { a: 'c' }, true],
    ['a!=b', {}, true],
    ['a!=b', { a: 'b' }, false],
    ['a', { a: '' }, true],
    ['a', {}, false],
    ['!a', {}, true],
    ['! a', { a: 'x' }, false],
    ['a in (b, c)', { a: 'c' }, true],
    ['a in (b,c)', { a: 'd' }, false],
    ['a in (b,)', { a: '' }, true],
    ['a in ()', { a: '' }, true],
    ['a notin (b,c)', {}, true],
    ['a notin (b,c)', { a: 'b' }, false],
    ['in in (in)', { in: 'in' }, true],
    ['a>5', { a: '6' }, true],
    ['a>5', { a: '5' }, false],
    ['a<5', { a: '-1' }, true],
    ['a<5', { a: 'x' }, false],
    ['a=b,c notin (d),!e,f', { a: 'b', f: '' }, true],
    ['app.kubernetes.io/name=web', { 'app.kubernetes.io/name': 'web' }, true],
    ['constructor', {}, false],
  ]
  for (const [text, labels, wanted] of cases) {
    test(`${JSON.stringify(text)} on ${JSON.stringify(labels)}: ${wanted}`, () => {
      assert.equal(selects(text, labels), wanted)
    })
  }

  const failures: readonly (readonly [string, string | RegExp])[] = [
    ['a=b c', "found 'c', expected: ',' or 'end of string'"],
    ['a=b,', "found '', expected: identifier after ','"],
    [',a', "found ',', expected: !, identifier, or 'end of string'"],
    ['=b', "found '=', expected: !, identifier, or 'end of string'"],
    ['a=b=c', "found '=', expected: ',' or 'end of string'"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a in b', "unable to parse requirement: found 'b' expected: '('"],
    ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
    [
      'a>x',
      "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
    ],
    ['-a=b', /^unable to parse requirement: <nil>: Invalid value: "-a": name part must consist of/],
    ['a=b$', /^unable to parse requirement: values\[0\]\[a\]: Invalid value: "b\$": a valid label/],
    ['a/b/c', /^unable to parse requirement: <nil>: Invalid value: "a\/b\/c": a qualified name/],
  ]
  for (const [text, wanted] of failures) {
    test(`${JSON.stringify(text)} is refused`, () => {
      const parsed = parseLabelSelector(text)
      assert.equal(parsed.kind, 'invalid')
      if (parsed.kind !== 'invalid') return
      if (typeof wanted === 'string') assert.equal(parsed.message, wanted)
      else assert.match(parsed.message, wanted)
    })
  }

  test('of any text is a value', () => {
    const piece = fc.constantFrom('a', 'in', 'notin', '=', '==', '!=', '!', '(', ')', ',', '>', ' ')
    const text = fc.oneof(
      fc.array(piece).map((pieces) => pieces.join('')),
      fc.string(),
    )
    fc.assert(
      fc.property(text, (given) => {
        const parsed = parseLabelSelector(given)
        if (parsed.kind === 'selector') matchesLabels(parsed.selector, { a: 'in' })
        else assert.notEqual(parsed.message, '')
      }),
      { numRuns: 2000 },
    )
  })
})
