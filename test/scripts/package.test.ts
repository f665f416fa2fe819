import assert from 'node:assert/strict'
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { outputOf, runProgram } from '../support/run-program.ts'
import { slowness } from '../support/wait-until.ts'

const checkout = join(import.meta.dirname, '../..')
const base = mkdtempSync(join(tmpdir(), 'podfit-package-'))
/** As npm installs it: the package beside those it depends on, and links to its commands. */
const installed = join(base, 'node_modules/podfit')
const commands = join(base, 'bin')

interface Manifest {
  readonly version: string
  readonly bin: Readonly<Record<string, string>>
  readonly files: readonly string[]
}

const manifest = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as Manifest

/** The guest has the same files and is slow. */
describe('the npm package', { skip: slowness > 1 }, () => {
  before(async () => {
    const build = ['-p', 'tsconfig.build.json', '--outDir', join(installed, 'dist')]
    await outputOf(join(checkout, 'node_modules/.bin/tsc'), build, { cwd: checkout })
    for (const name of ['package.json', 'bin']) {
      cpSync(join(checkout, name), join(installed, name), { recursive: true })
    }
    symlinkSync(join(checkout, 'node_modules'), join(installed, 'node_modules'))
    mkdirSync(commands)
    for (const [name, program] of Object.entries(manifest.bin)) {
      symlinkSync(join(installed, program), join(commands, name))
    }
  })
  after(() => rmSync(base, { recursive: true, force: true }))

  test('everything that is packed is there', () => {
    const written = manifest.files.filter((name) => name !== 'dist')
    const missing = written.filter((name) => !existsSync(join(checkout, name)))
    assert.deepEqual(missing, [])
  })

  test('kubectl_complete-podfit answers from the built package', async () => {
    const offered = await outputOf(join(commands, 'kubectl_complete-podfit'), ['vers'])
    assert.equal(offered, 'version\n:4\n')
  })

  test("what Node.js compiles is kept in the user's own cache, and nowhere else", async () => {
    const program = join(commands, 'podfit')
    const run = (env: Readonly<Record<string, string | undefined>>) =>
      outputOf(program, ['version'], { env: { NODE_COMPILE_CACHE: undefined, ...env } })
    const home = (name: string): string => {
      const path = join(base, name)
      mkdirSync(path)
      return path
    }
    const own = home('own')
    await run({ HOME: own, XDG_CACHE_HOME: undefined })
    assert.equal(statSync(join(own, '.cache/podfit')).mode & 0o777, 0o700)
    assert.notDeepEqual(readdirSync(join(own, '.cache/podfit')), [])
    const given = home('given')
    await run({ HOME: own, XDG_CACHE_HOME: given })
    assert.notDeepEqual(readdirSync(join(given, 'podfit')), [])
    // A HOME that sudo kept, and a directory that others laid out beforehand.
    const foreign = home('foreign')
    const laidOut = home('laid-out')
    mkdirSync(join(laidOut, 'podfit'))
    for (const path of [foreign, join(laidOut, 'podfit')]) chownSync(path, 65_534, 65_534)
    await run({ HOME: foreign, XDG_CACHE_HOME: undefined })
    await run({ HOME: own, XDG_CACHE_HOME: laidOut })
    await run({ HOME: undefined, XDG_CACHE_HOME: undefined })
    assert.deepEqual([readdirSync(foreign), readdirSync(join(laidOut, 'podfit'))], [[], []])
  })

  for (const name of ['podfit', 'kubectl-podfit']) {
    test(`${name} runs from the built package`, async () => {
      const program = join(commands, name)
      const version = await outputOf(program, ['version'])
      assert.match(version, new RegExp(`^podfit ${RegExp.escape(manifest.version)} `))
      const verbs = ['up', 'down', 'resize', 'verify', 'image']
      const help = await Promise.all(verbs.map((verb) => runProgram(program, [verb, '--help'])))
      for (const [index, { code, stdout, stderr }] of help.entries()) {
        assert.equal(code, 0, stderr)
        assert.match(stdout, new RegExp(`podfit ${verbs[index]}`))
      }
    })
  }
})
