import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Finding } from '../findings/finding.ts'
import { withKnownIssue } from './known-issues.ts'

const finding = (code: Finding['code'], found: string, expected: string, file = 'f'): Finding => ({
  code,
  message: '',
  file,
  found,
  expected: [expected],
})

for (const [title, one, containerMemory, issues] of [
  [
    "the pod's limit below its container's",
    finding('CG203', '267386880', '5368709120'),
    5368709120,
    ['kubernetes#138760', 'autoscaler#9829'],
  ],
  ["the pod's limit above", finding('CG203', '83886080', '67108864'), 67108864, undefined],
  [
    'a pod limit that was removed',
    finding('CG203', '67108864', 'max'),
    undefined,
    ['kubernetes#138187'],
  ],
  [
    'a pod quota that was removed',
    finding('CG201', '20000', '-1'),
    undefined,
    ['kubernetes#138187'],
  ],
  [
    'a container limit that was removed',
    finding('CG103', '67108864', '9223372036854771712'),
    undefined,
    ['kubernetes#120709'],
  ],
  [
    'a container limit that is another',
    finding('CG103', '67108864', '134217728'),
    undefined,
    undefined,
  ],
  ['a stale memory.high', finding('CG105', '199229440', 'max'), undefined, ['kubernetes#142569']],
  [
    'a stale memory.low of a pod',
    finding('CG204', '4096', '8192'),
    undefined,
    ['kubernetes#142572'],
  ],
  [
    'protection that got lost',
    finding('CG106', '0', '8192', 'memory.low'),
    undefined,
    ['kubernetes#140262'],
  ],
  [
    'memory.high left over',
    finding('CG106', '8192', 'max', 'memory.high'),
    undefined,
    ['kubernetes#139377'],
  ],
] as const) {
  test(`withKnownIssue(): ${title}`, () => {
    assert.deepEqual(withKnownIssue(one, { containerMemory }).upstream, issues)
  })
}
