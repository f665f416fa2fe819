import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formulaOfVersion } from './oci-runtime.ts'

for (const [text, formula] of [
  ['runc version 1.1.5+ds1\ncommit: 1.1.5\nspec: 1.0.2-dev\n', 'linear'],
  ['runc version 1.3.1\n', 'linear'],
  ['runc version 1.3.2\n', 'quadratic'],
  ['runc version 1.4.0-rc.1\n', 'quadratic'],
  ['runc version 2.0\n', 'quadratic'],
  ['crun version 1.14.1\ncommit: x\n', 'linear'],
  ['crun version 1.23\n', 'quadratic'],
  ['crun version 1.23.1\n', 'quadratic'],
  ['youki version 0.5.0\n', undefined],
  ['', undefined],
] as const) {
  test(`formulaOfVersion() of ${JSON.stringify(text.split('\n')[0])} is ${formula}`, () =>
    assert.equal(formulaOfVersion(text), formula))
}
