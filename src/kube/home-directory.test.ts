import assert from 'node:assert/strict'
import { userInfo } from 'node:os'
import { test } from 'node:test'
import { homeDirectory } from './home-directory.ts'

test('homeDirectory() is $HOME; an empty one is none, and nothing relative', (t) => {
  assert.equal(homeDirectory({ HOME: '/h' }), '/h')
  const { HOME } = process.env
  t.after(() => (HOME === undefined ? delete process.env['HOME'] : (process.env['HOME'] = HOME)))
  process.env['HOME'] = ''
  assert.equal(homeDirectory(process.env), userInfo().homedir)
})
