import assert from 'node:assert/strict'
import { test } from 'node:test'
import { literalPath } from './literal-path.ts'

const cases = {
  '/a/../b?c=/../d': '/a/%252e%252e/b?c=/../d',
  '/a/%2E%2e': '/a/%252e%252e',
  '/a/.%2e/': '/a/%252e%252e/',
  '/a/./b': '/a/%252e/b',
  '/a\\..\\..': '/a%5C..%5C..',
  '/.well-known/x': '/.well-known/x',
  '/a/..b/kube-root-ca.crt': '/a/..b/kube-root-ca.crt',
  '/a?b=..': '/a?b=..',
}

for (const [target, expected] of Object.entries(cases)) {
  test(`${target} is no other path`, () => {
    assert.equal(literalPath(target), expected)
    const { pathname } = new URL(literalPath(target), 'https://podfit')
    assert.equal(pathname, expected.replace(/\?.*/, ''))
  })
}
