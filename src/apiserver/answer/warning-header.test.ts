import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { warningHeader } from './warning-header.ts'

describe('the Warning header', () => {
  const cases: readonly (readonly [string, readonly string[], string | undefined])[] = [
    ['is not there without warnings', [], undefined],
    ['quotes the text', ['unknown field "a\\b"'], String.raw`299 - "unknown field \"a\\b\""`],
    ['tells several, each once', ['a', 'b', 'a'], '299 - "a", 299 - "b"'],
    ['leaves out control characters', ['a\nb', 'c\u007f', 'd'], '299 - "d"'],
    ['has UTF-8', ['ü日'], '299 - "Ã¼æ\u0097¥"'],
  ]
  for (const [what, texts, header] of cases) {
    it(what, () => assert.equal(warningHeader(texts), header))
  }

  it('cuts what is too long for a header', () => {
    const long = 'x'.repeat(5000)
    assert.equal(warningHeader([long]), `299 - "${'x'.repeat(256)}"`)
    const many = Array.from({ length: 100 }, (_, index) => `${index}${long}`)
    assert.equal(warningHeader(many)?.split(', ').length, 16)
  })
})
