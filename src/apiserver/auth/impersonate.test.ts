import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { impersonated } from './impersonate.ts'

const admin = { name: 'admin', groups: ['system:masters'] }

function as(headers: readonly [string, string][]) {
  return impersonated(admin, new Headers([...headers]))
}

describe('impersonation', () => {
  test('leaves alone who does not ask for it', () => assert.equal(as([]), admin))

  test('takes name, groups, uid and extra fields from the headers', () => {
    const found = as([
      ['Impersonate-User', 'jane'],
      ['Impersonate-Group', 'a'],
      ['Impersonate-Group', 'b'],
      ['Impersonate-Uid', '7'],
      ['Impersonate-Extra-Scopes', 'x'],
    ])
    assert.deepEqual(found, {
      name: 'jane',
      groups: ['a', 'b', 'system:authenticated'],
      uid: '7',
      extra: { scopes: ['x'] },
    })
  })

  test('knows the groups of a service account', () => {
    const name = 'system:serviceaccount:shop:cart'
    assert.deepEqual(as([['Impersonate-User', name]]).groups, [
      'system:serviceaccounts',
      'system:serviceaccounts:shop',
      'system:authenticated',
    ])
  })

  test('is refused without a user', () => {
    assert.throws(() => as([['Impersonate-Group', 'a']]), { code: 400 })
  })

  test('is refused for a field that cannot be read', () => {
    const headers: [string, string][] = [
      ['Impersonate-User', 'jane'],
      ['Impersonate-Extra-%zz', 'x'],
    ]
    assert.throws(() => as(headers), { code: 400 })
  })
})
