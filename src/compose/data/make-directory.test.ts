import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createDataDirectory, dataDirectory } from './data-directory.ts'
import { makeDirectory } from './make-directory.ts'

const directory = mkdtempSync(join(tmpdir(), 'podfit-make-'))
after(() => rmSync(directory, { recursive: true }))

test('makeDirectory() makes what is missing above, too, and leaves what is there', () => {
  const path = join(directory, 'a/b/c')
  makeDirectory(path, 0o700)
  makeDirectory(path, 0o755)
  assert.deepEqual(
    [path, join(directory, 'a')].map((one) => statSync(one).mode & 0o777),
    [0o700, 0o700],
  )
})

test('makeDirectory() follows a link to a directory', () => {
  makeDirectory(join(directory, 'real'))
  symlinkSync('real', join(directory, 'link'))
  makeDirectory(join(directory, 'link/a'))
  assert.ok(statSync(join(directory, 'real/a')).isDirectory())
})

test('a data directory that cannot be is refused at once, in one line', () => {
  const file = join(directory, 'file')
  const link = join(directory, 'nowhere')
  const loop = join(directory, 'loop')
  writeFileSync(file, '')
  symlinkSync('missing', link)
  symlinkSync('loop', loop)
  const inTheWay = 'a file is in the way'
  for (const [path, why] of [
    ['/proc/podfit', `ENOENT: no such file or directory, mkdir '/proc/podfit'`],
    ['/proc/self/a/b', `ENOENT: no such file or directory, mkdir '/proc/self/a'`],
    [file, inTheWay],
    [join(file, 'a'), inTheWay],
    [join(link, 'a'), inTheWay],
    [loop, `ELOOP: too many symbolic links encountered, stat '${loop}'`],
  ] as const) {
    const message = `Cannot keep data in ${path}: ${why}; name another directory with --data-dir`
    assert.throws(() => createDataDirectory(dataDirectory(path)), { message })
  }
})
