import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseUnitState, unitPath, untilActive, type UnitState } from './unit-state.ts'

test('unitPath() escapes as sd_bus_path_encode(3)', () => {
  const root = '/org/freedesktop/systemd1/unit'
  assert.equal(unitPath('podfit_x-kubepods.slice'), `${root}/podfit_5fx_2dkubepods_2eslice`)
  assert.equal(unitPath('1a.slice'), `${root}/_31a_2eslice`)
})

test('parseUnitState() tells whether a job is left', () => {
  const active = '{"type":"s","data":"active"}\n'
  assert.deepEqual(parseUnitState(`${active}{"type":"(uo)","data":[0,"/"]}\n`), {
    active: 'active',
    hasJob: false,
  })
  const job = '{"type":"(uo)","data":[71,"/org/freedesktop/systemd1/job/71"]}\n'
  assert.deepEqual(parseUnitState(`{"type":"s","data":"inactive"}\n${job}`), {
    active: 'inactive',
    hasJob: true,
  })
  assert.throws(() => parseUnitState(active), /busctl prints/)
})

/** Looks that find these states, a second apart. */
async function wait(...states: readonly UnitState[]): Promise<number> {
  let looks = 0
  const look = async () => states[Math.min(looks++, states.length - 1)] as UnitState
  await untilActive(look, async () => looks * 1000, 5000)
  return looks
}

const starting = { active: 'inactive', hasJob: true }

test('untilActive() waits for the job, and not for what is active already', async () => {
  const active = { active: 'active', hasJob: false }
  assert.equal(await wait(active), 1)
  assert.equal(await wait(starting, starting, active), 3)
  // It may have been active before, and its end is under way.
  assert.equal(await wait({ active: 'active', hasJob: true }, active), 2)
})

test('untilActive() tells of a job that did not do it, or goes on for too long', async () => {
  const failed = { active: 'failed', hasJob: false }
  await assert.rejects(wait(starting, failed), /^Error: its job is over, and it is failed$/)
  await assert.rejects(wait(starting), /^Error: its job timed out: it is inactive after 6000 ms$/)
})
