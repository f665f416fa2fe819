import assert from 'node:assert/strict'
import { test } from 'node:test'
import { atLeast, parseKubeVersion } from './kube-version.ts'

const cases = [
  ['v1.33.2+k3s1', '1.33'],
  ['1.27.0', '1.27'],
  ['v1.32.4-eks-5f1', '1.32'],
  ['v1.36.3', '1.36'],
  ['v1.37.0-alpha.1', '1.36'],
  ['v2.0.0', '1.36'],
  ['v1.26.9', undefined],
  ['v1.3.0', undefined],
  ['unknown', undefined],
] as const

for (const [gitVersion, version] of cases) {
  test(`${gitVersion} has the rules of ${version}`, () => {
    assert.equal(parseKubeVersion(gitVersion), version)
  })
}

test('order', () => {
  assert.equal(atLeast('1.33', '1.33'), true)
  assert.equal(atLeast('1.32', '1.33'), false)
})
