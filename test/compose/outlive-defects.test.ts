import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { runProgram, type ProgramResult } from '../support/run-program.ts'

const modulePath = join(import.meta.dirname, '../../src/compose/outlive-defects.ts')

/** Runs `defects` in a process that outlives them, and says when it is at its end. */
function runWith(defects: string): Promise<ProgramResult> {
  const script = `
    import { setImmediate as turn } from 'node:timers/promises'
    import { outliveDefects } from ${JSON.stringify(modulePath)}
    const log = { warn: (message, error) => console.log(message, error.message) }
    outliveDefects({ log, tell: (line) => console.error(line) })
    ${defects}
    console.log('went on')`
  return runProgram(process.execPath, ['--input-type=module', '-e', script])
}

test('a rejection and an exception that nobody catches are logged, told and outlived', async () => {
  const { code, stdout, stderr } = await runWith(`
    Promise.reject(new Error('lost task'))
    setImmediate(() => { throw new Error('odd timer') })
    await turn()
    await turn()`)
  assert.deepEqual(stdout.trim().split('\n'), [
    'A defect of podfit: nobody caught this error lost task',
    'A defect of podfit: nobody caught this error odd timer',
    'went on',
  ])
  assert.equal(
    stderr,
    'podfit met a defect of its own and goes on: lost task\npodfit met a defect of its own and goes on: odd timer\n',
  )
  assert.equal(code, 0)
})

test('a process that meets one defect after the other ends, and says so', async () => {
  const { code, stdout, stderr } = await runWith(`
    for (;;) {
      Promise.reject(new Error('again'))
      await turn()
    }`)
  assert.equal(code, 1)
  assert.doesNotMatch(stdout, /went on/)
  assert.match(stderr, /\npodfit ends: more than 60 defects in a minute, the last one: again\n$/)
})
