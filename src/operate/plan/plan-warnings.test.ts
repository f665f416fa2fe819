import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Container, Pod } from '../../domain/pod.ts'
import { sizeOf } from '../../domain/resources/size.ts'
import { planWarnings } from './plan-warnings.ts'

const before = sizeOf({ requests: { cpu: '100m' }, limits: { memory: '256Mi' } })
const more = sizeOf({ requests: { cpu: '200m' }, limits: { memory: '512Mi' } })
const less = sizeOf({ requests: { cpu: '100m' }, limits: { memory: '128Mi' } })

function codes(part: Partial<Container>, after = more, spec = {}, workingSet?: number): string {
  const container: Container = { name: 'c', ...part }
  const pod: Pod = { metadata: { name: 'p' }, spec: { containers: [container], ...spec } }
  const input = {
    pod,
    part: 'c',
    containers: [container],
    before,
    after,
    ...(workingSet === undefined ? {} : { workingSet }),
  }
  return planWarnings(input)
    .map(({ code }) => code)
    .join(' ')
}

const env = (resource: string) => [{ name: 'SIZE', valueFrom: { resourceFieldRef: { resource } } }]

for (const [title, found, expected] of [
  ['a plain container', codes({}), ''],
  [
    'a memory volume',
    codes({}, more, { volumes: [{ name: 'm', emptyDir: { medium: 'Memory' } }] }),
    'PL101',
  ],
  ['an environment that names the request', codes({ env: env('requests.cpu') }), 'PL102'],
  ['an environment that names something else', codes({ env: env('limits.cpu') }), ''],
  ['a shrink below what is used', codes({}, less, {}, 200 * 2 ** 20), 'PL103'],
  ['a shrink above what is used', codes({}, less, {}, 100 * 2 ** 20), ''],
  ['a JVM that gets more memory', codes({ command: ['/usr/bin/java', '-jar', 'a.jar'] }), 'PL104'],
  ['a JVM that gets less', codes({ command: ['java'] }, less), ''],
] as const) {
  test(`${title}: ${expected === '' ? 'nothing' : expected}`, () => {
    assert.equal(found, expected)
  })
}
