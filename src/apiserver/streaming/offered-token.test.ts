import assert from 'node:assert/strict'
import { test } from 'node:test'
import { offeredToken, withoutToken } from './offered-token.ts'

const token = `base64url.bearer.authorization.k8s.io.${Buffer.from('s3:ret').toString('base64url')}`

test('a token is one of several protocols, and no protocol itself', () => {
  assert.equal(offeredToken(`v4.channel.k8s.io,${token}`), 's3:ret')
  assert.equal(offeredToken(`${token} , v4.channel.k8s.io`), 's3:ret')
  assert.equal(withoutToken(`a, ${token}, b`), 'a, b')
})

test('no token is what is not offered, is offered alone, or twice', () => {
  for (const header of [undefined, '', 'v4.channel.k8s.io', token, `${token}, ${token}, a`]) {
    assert.equal(offeredToken(header), undefined)
  }
})
