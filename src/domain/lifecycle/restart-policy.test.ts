import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Container, PodSpec } from '../pod.ts'
import { restartsAfterExit } from './restart-policy.ts'

const on = (operator: string, ...values: number[]): Partial<Container> => ({
  restartPolicyRules: [{ action: 'Restart', exitCodes: { operator, values } }],
})

const cases: readonly [Partial<PodSpec>, Partial<Container>, number, boolean][] = [
  [{}, {}, 0, true],
  [{ restartPolicy: 'Never' }, {}, 1, false],
  [{ restartPolicy: 'OnFailure' }, {}, 0, false],
  [{ restartPolicy: 'OnFailure' }, {}, 1, true],
  [{ restartPolicy: 'Never' }, { restartPolicy: 'Always' }, 0, true],
  [{ restartPolicy: 'Always' }, { restartPolicy: 'Never' }, 1, false],
  [{ restartPolicy: 'Never' }, { restartPolicy: 'OnFailure' }, 1, true],
  [{}, { restartPolicy: 'Never', ...on('In', 42) }, 42, true],
  [{}, { restartPolicy: 'Never', ...on('In', 42) }, 41, false],
  [{}, { restartPolicy: 'Never', ...on('NotIn', 42) }, 41, true],
]

for (const [spec, container, exitCode, expected] of cases) {
  test(`${JSON.stringify(spec)} ${JSON.stringify(container)} after ${exitCode}: ${expected}`, () => {
    const whole = { name: 'a', ...container }
    assert.equal(restartsAfterExit({ containers: [whole], ...spec }, whole, exitCode), expected)
  })
}
