import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { loadTokenKey } from '../auth/token-key.ts'
import { loadPki, type Pki } from './pki.ts'

const directory = mkdtempSync(join(tmpdir(), 'podfit-pki-'))
after(() => rmSync(directory, { recursive: true }))
const dayMs = 24 * 3_600_000

/** All hold at that time and have their keys, and the authority has signed the others. */
function expectGood({ authority, server, admin }: Pki, now: number): void {
  const { publicKey } = new X509Certificate(authority.certificate)
  for (const { certificate, privateKey } of [authority, server, admin]) {
    const parsed = new X509Certificate(certificate)
    assert.ok(parsed.validFromDate.getTime() <= now && now < parsed.validToDate.getTime())
    assert.ok(parsed.verify(publicKey))
    assert.ok(parsed.checkPrivateKey(createPrivateKey(privateKey)))
  }
}

test('certificates outlive a clock that is put back by hours, and are made anew after days', async (t) => {
  const place = join(directory, 'clock')
  const now = Date.now()
  const setClock = (days: number): void => {
    t.mock.timers.reset()
    t.mock.timers.enable({ apis: ['Date'], now: now + days * dayMs })
  }
  setClock(3)
  const ahead = await loadPki(place)
  assert.deepEqual(await loadPki(place), ahead)
  setClock(2.4)
  assert.deepEqual(await loadPki(place), ahead)
  setClock(0)
  const right = await loadPki(place)
  expectGood(right, now)
  assert.deepEqual(await loadPki(place), right)
})

test('a crash while the authority is replaced leaves nothing that it has not signed', async () => {
  const place = join(directory, 'crash')
  const old = await loadPki(place)
  const other = await loadPki(join(directory, 'other'))
  writeFileSync(join(place, 'ca.key'), other.authority.privateKey)
  writeFileSync(join(place, 'ca.crt'), other.authority.certificate)
  const mended = await loadPki(place)
  expectGood(mended, Date.now())
  assert.notEqual(mended.server.certificate, old.server.certificate)
})

for (const name of ['ca', 'server', 'admin']) {
  test(`a crash between the key and the certificate of ${name} leaves none without its own`, async () => {
    const place = join(directory, `half-${name}`)
    await loadPki(place)
    const other = await loadPki(join(directory, 'other'))
    writeFileSync(join(place, `${name}.key`), other.admin.privateKey)
    const mended = await loadPki(place)
    expectGood(mended, Date.now())
    assert.deepEqual(await loadPki(place), mended)
  })
}

for (const name of ['ca', 'server', 'admin']) {
  test(`${name} alone is made anew when its certificate or its key is missing`, async () => {
    for (const kind of ['crt', 'key']) {
      const place = join(directory, `missing-${name}-${kind}`)
      const old = await loadPki(place)
      rmSync(join(place, `${name}.${kind}`))
      const mended = await loadPki(place)
      expectGood(mended, Date.now())
      assert.deepEqual(await loadPki(place), mended)
      if (name !== 'ca') assert.deepEqual(mended.authority, old.authority)
      if (name === 'server') assert.deepEqual(mended.admin, old.admin)
      if (name === 'admin') assert.deepEqual(mended.server, old.server)
    }
  })
}

test('a file that is damaged is named, the first of several, with what would help', async () => {
  const place = join(directory, 'damaged')
  await loadPki(place)
  await loadTokenKey(place)
  const cases = [
    ['sa.key', 'private key', loadTokenKey],
    ['admin.key', 'private key', loadPki],
    ['server.crt', 'certificate', loadPki],
    ['ca.key', 'private key', loadPki],
  ] as const
  for (const [name, what, load] of cases) {
    writeFileSync(join(place, name), '')
    await assert.rejects(load(place), (error: Error) => {
      const { message } = error
      assert.ok(
        message.startsWith(`Cannot use ${join(place, name)}: it holds no ${what} (`),
        message,
      )
      return message.endsWith('or move it away to have it made anew')
    })
  }
})
