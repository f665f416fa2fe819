import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseYaml } from '../schema/parse-yaml.ts'
import { encodeJson } from './encode.ts'

const indented = '{\n  "a": 1\n}\n'

function encoded(query: string, agent: string): Promise<string> {
  const request = new Request(`http://podfit/api${query}`, { headers: { 'user-agent': agent } })
  return encodeJson('{"a":1}', 'json', request)
}

describe('JSON is indented', () => {
  for (const agent of ['curl/8.5.0', 'Wget/1.25', 'Mozilla/5.0 (X11)']) {
    test(`for ${agent}`, async () => assert.equal(await encoded('', agent), indented))
  }

  test('where the query says so, or says not', async () => {
    assert.equal(await encoded('?pretty=true', 'kubectl'), indented)
    assert.equal(await encoded('?pretty=1', 'kubectl'), indented)
    assert.equal(await encoded('?pretty=false', 'curl/8.5.0'), '{"a":1}')
    assert.equal(await encoded('', 'kubectl'), '{"a":1}')
  })
})

test('YAML says the same to those who read YAML 1.1', async () => {
  const texts = ['yes', 'On', 'n', '0644', '0o17', '1:30', '1_000', '~', '2026-11-29T01:22:01Z']
  const written = await encodeJson(JSON.stringify(texts), 'yaml')
  for (const line of written.trim().split('\n')) assert.match(line, /^- "/)
  assert.deepEqual(parseYaml(written), { kind: 'parsed', value: texts, repeated: [] })
})

test('much YAML is written while others go on', async () => {
  const json = JSON.stringify(Array.from({ length: 5000 }, (_, index) => ({ name: `a${index}` })))
  let turns = 0
  const turning = setInterval(() => (turns += 1), 1)
  const written = await encodeJson(json, 'yaml')
  clearInterval(turning)
  assert.ok(turns > 10, `${turns} turns of the event loop`)
  assert.equal(written.split('\n').length, 5001)
  assert.match(written, /^- name: a0\n- name: a1\n/)
})
