import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'

/** For tests: a key and a certificate, PEM. */
export interface Identity {
  readonly cert: string
  readonly key: string
}

/** For tests: a certificate authority, a server at 127.0.0.1 and a client, made in memory in 2 ms. */
export interface TestPki {
  readonly ca: string
  readonly server: Identity
  client(name: string): Identity
}

/** One DER element: tag, length, contents. */
function der(tag: number, ...contents: Buffer[]): Buffer {
  const body = Buffer.concat(contents)
  if (body.length < 0x80) return Buffer.concat([Buffer.of(tag, body.length), body])
  return Buffer.concat([Buffer.of(tag, 0x82, body.length >> 8, body.length & 0xff), body])
}

const sequence = (...parts: Buffer[]) => der(0x30, ...parts)
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'))
const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'))
const yes = der(0x01, Buffer.of(0xff))

function commonName(name: string): Buffer {
  return sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name)))))
}

function time(ms: number): Buffer {
  const text = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return der(0x18, Buffer.from(text))
}

const extensions = {
  authority: sequence(oid('551d13'), yes, der(0x04, sequence(yes))),
  /** subjectAltName: IP 127.0.0.1 */
  local: sequence(oid('551d11'), der(0x04, sequence(der(0x87, Buffer.of(127, 0, 0, 1))))),
  client: sequence(oid('551d25'), der(0x04, sequence(oid('2b06010505070302')))),
}

interface Authority {
  readonly name: string
  readonly key: KeyObject
}

function issue(subject: string, extension: Buffer, authority?: Authority) {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const issuer = authority ?? { name: subject, key: pair.privateKey }
  const hour = 3_600_000
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1), randomBytes(8)),
    ecdsaWithSha256,
    commonName(issuer.name),
    sequence(time(Date.now() - hour), time(Date.now() + hour)),
    commonName(subject),
    pair.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extension)),
  )
  const signature = der(0x03, Buffer.of(0), sign('sha256', body, issuer.key))
  const base64 = sequence(body, ecdsaWithSha256, signature).toString('base64')
  const lines = (base64.match(/.{1,64}/g) ?? []).join('\n')
  const cert = `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
  return { cert, key: pair.privateKey }
}

export function createTestPki(): TestPki {
  const name = 'test-ca'
  const { cert: ca, key } = issue(name, extensions.authority)
  const identity = (subject: string, extension: Buffer): Identity => {
    const issued = issue(subject, extension, { name, key })
    return { cert: issued.cert, key: String(issued.key.export({ type: 'pkcs8', format: 'pem' })) }
  }
  return {
    ca,
    server: identity('server', extensions.local),
    client: (subject) => identity(subject, extensions.client),
  }
}
