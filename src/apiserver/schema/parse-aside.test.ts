import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseBody, type ParsedBody } from './parse-body.ts'
import { parseAside } from './parse-aside.ts'

const large = `a: 1\na: 2\nlist:\n${'- {b: c, d: [1, yes]}\n'.repeat(3000)}`

describe('large YAML', () => {
  it('is read as it would be at once, while others go on', async () => {
    let turns = 0
    const turning = setInterval(() => (turns += 1), 1)
    const parsed = await parseAside(large, 'yaml')
    clearInterval(turning)
    assert.deepEqual(parsed, parseBody(large, 'yaml'))
    assert.deepEqual(parsed.kind === 'parsed' && parsed.repeated, [
      'line 2: key "a" already set in map',
    ])
    assert.ok(turns > 10, `${turns} turns of the event loop`)
  })

  it('may be as large as any body', async () => {
    const text = 'x'.repeat(80)
    const huge = `a: |\n${`  ${text}\n`.repeat(36_000)}`
    const parsed = await parseAside(huge, 'yaml')
    assert.equal(parsed.kind, 'parsed')
  })

  it('says what is wrong', async () => {
    const parsed = await parseAside(`${large}b: [`, 'yaml')
    assert.match(parsed.kind === 'invalid' ? parsed.message : '', /^yaml: line \d+: /)
  })

  it('is given up when it takes too long, and holds up nobody behind it', async () => {
    const hard = `[${'1,'.repeat(1_400_000)}]`
    const slow = parseAside(hard, 'yaml', true, { toWork: 1, toWait: 60_000 })
    const late = parseAside(large, 'yaml', true, { toWork: 60_000, toWait: 0 })
    const next = parseAside(large, 'yaml')
    const why = (parsed: ParsedBody) => (parsed.kind === 'invalid' ? parsed.message : '')
    assert.match(why(await slow), /yaml: the 2800002 characters took more than 0 s; send JSON/)
    assert.match(why(await late), /characters waited for others more than 0 s/)
    assert.equal((await next).kind, 'parsed')
  })
})
