import assert from 'node:assert/strict'
import { dirname } from 'node:path'
import { test } from 'node:test'
import { stages } from '../../scripts/test-stages.ts'

test('the results of each guest go to the directory that outlives it', () => {
  const guests = stages('/results', ['a.test.ts']).filter(({ env }) => env?.['PODFIT_UML_KEEP'])
  assert.deepEqual(
    guests.map(({ name, results = '', env }) => [name, dirname(results), env?.['PODFIT_UML_KEEP']]),
    [
      ['uml', '/results', '/results'],
      ['systemd', '/results', '/results'],
    ],
  )
  for (const { command, results } of guests) {
    assert.ok(command.includes(`--test-reporter-destination=${results}`))
  }
})
