import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { NodeContext } from '../node-context.ts'
import { killOverdue } from './kill-overdue.ts'

test('a grace that is longer than a timer can be is not over at once', async () => {
  const kill = () => assert.fail('killed within its grace')
  const context = { cgroups: { containers: { kill } } } as unknown as NodeContext
  await killOverdue(context, 'uid', 'id', 30 * 24 * 3_600_000, setTimeout(50))
})
