import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { runProgram, type ProgramResult } from '../support/run-program.ts'

const checkout = join(import.meta.dirname, '../..')

function uml(command: readonly string[], env: Record<string, string> = {}): Promise<ProgramResult> {
  return runProgram(join(checkout, 'scripts/uml'), command, { env })
}

test(
  'scripts/uml',
  { skip: process.env['PODFIT_UML'] && 'the guest boots no guest' },
  async (t) => {
    await t.test('hands back output, exit code and arguments, in the checkout', async () => {
      const result = await uml([
        'sh',
        '-c',
        'echo "$1"; pwd; echo bad >&2; exit 7',
        'sh',
        `it's  $HOME`,
      ])
      assert.deepEqual(result, { code: 7, stdout: `it's  $HOME\n${checkout}\n`, stderr: 'bad\n' })
    })

    await t.test('has a cgroup v2 tree with what podfit needs', async () => {
      const { stdout } = await uml(['cat', '/sys/fs/cgroup/cgroup.controllers'])
      assert.match(stdout, /\bcpu\b.*\bmemory\b/)
    })

    await t.test('keeps writes to itself but for the directory that is kept', async () => {
      const kept = mkdtempSync(join(tmpdir(), 'podfit-kept-'))
      try {
        const lost = join(checkout, 'lost')
        await uml(['sh', '-c', `echo 1 >'${lost}' && echo 2 >'${kept}/file'`], {
          PODFIT_UML_KEEP: kept,
        })
        assert.equal(existsSync(lost), false)
        assert.equal(readFileSync(join(kept, 'file'), 'utf8'), '2\n')
      } finally {
        rmSync(kept, { recursive: true })
      }
    })

    await t.test('exits 124 when the time is up and says what was printed before', async () => {
      const { code, stdout } = await uml(['sh', '-c', 'echo begun; sleep 600'], {
        PODFIT_UML_TIMEOUT: '20',
      })
      assert.deepEqual([code, stdout], [124, 'begun\n'])
    })

    await t.test('exits 125 when the guest does not reach the command', async () => {
      const { code, stderr } = await uml(['true'], { PODFIT_UML_INIT: 'nothing' })
      assert.equal(code, 125)
      assert.match(stderr, /never reached the command/)
    })
  },
)
