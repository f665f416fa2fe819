import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cpuMsOf } from '../../../test/support/cpu-time.ts'
import { registryLogins } from './registry-logins.ts'

function secret(auths: object, key = '.dockerconfigjson') {
  const content = key === '.dockercfg' ? auths : { auths }
  return new Map([[key, new TextEncoder().encode(JSON.stringify(content))]])
}

const as = (username: string) => ({ username, password: 'secret' })

const cases: readonly (readonly [image: string, servers: readonly string[], who: string[]])[] = [
  ['busybox', ['https://index.docker.io/v1/', 'quay.io'], ['https://index.docker.io/v1/']],
  ['docker.io/team/app:1', ['index.docker.io'], ['index.docker.io']],
  ['registry.example/app', ['registry.example', 'other.example'], ['registry.example']],
  [
    'registry.example:5000/app',
    ['registry.example', 'registry.example:5000'],
    ['registry.example:5000'],
  ],
  ['127.0.0.1:5000/app', ['http://127.0.0.1:5000'], ['http://127.0.0.1:5000']],
  ['a.registry.example/app', ['*.registry.example', 'registry.example'], ['*.registry.example']],
  ['a.b.example/app', ['*.example'], []],
  [
    'eu-west.example/app',
    ['eu-*.example', '*-w*t.example', 'e*x*.example'],
    ['eu-*.example', '*-w*t.example'],
  ],
  ['aba.example/app', ['ab*ba.example', 'a*b*a.example'], ['a*b*a.example']],
  [
    'registry.example/team/app',
    ['registry.example', 'registry.example/team', 'registry.example/other'],
    ['registry.example/team', 'registry.example'],
  ],
]

for (const [image, servers, who] of cases) {
  test(`${image}: ${who.join(', ') || 'nobody'} of ${servers.join(', ')}`, () => {
    const auths = Object.fromEntries(servers.map((server) => [server, as(server)]))
    assert.deepEqual(
      registryLogins(image, [secret(auths)]).map(({ username }) => username),
      who,
    )
  })
}

test('a login may be in base64, in the older form, or in one of several secrets', () => {
  const auth = btoa('me:with:colon')
  const secrets = [
    new Map([['.dockerconfigjson', new TextEncoder().encode('{nonsense')]]),
    secret({ 'quay.io': {}, 'r.example': { auth: 'no colon' } }),
    secret({ 'r.example': { auth } }, '.dockercfg'),
  ]
  assert.deepEqual(registryLogins('r.example/app', secrets), [
    { username: 'me', password: 'with:colon' },
  ])
})

test('many wildcards are matched in little time', () => {
  const logins = secret({ [`${'a*'.repeat(30)}!.example`]: as('me') })
  const image = `${'a'.repeat(63)}.example/app`
  assert.ok(cpuMsOf(() => assert.deepEqual(registryLogins(image, [logins]), [])) < 1000)
})
