import 'reflect-metadata'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  AuthorityKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  type Extension,
} from '@peculiar/x509'
import type { webcrypto } from 'node:crypto'
import 'reflect-metadata'
import { isIP } from 'node:net'

/** A certificate and its private key, as PEM. */
export interface KeyPair {
  readonly certificate: string
  readonly privateKey: string
}

const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const
const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' } as const
const lifeYears = 10
/** A clock that takes local time for UTC is ahead by up to 14 hours until somebody puts it right. */
const earlyMs = 24 * 3_600_000

/** A new certificate authority. */
export async function issueAuthority(): Promise<KeyPair> {
  const keys = await newKeys()
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...validity(),
    name: 'CN=podfit',
    keys,
    signingAlgorithm,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { certificate: `${certificate.toString('pem')}\n`, privateKey: await privatePem(keys) }
}

/** A certificate for a server that is reached under `names`, host names and addresses. */
export function issueServer(authority: KeyPair, names: readonly string[]): Promise<KeyPair> {
  const alternatives = names.map((value) => ({
    type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const),
    value,
  }))
  return issue(authority, 'CN=podfit-apiserver', [
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    new SubjectAlternativeNameExtension(alternatives),
  ])
}

/** A certificate for a client with all rights. */
export function issueAdmin(authority: KeyPair): Promise<KeyPair> {
  return issue(authority, 'O=system:masters,CN=podfit-admin', [
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
  ])
}

async function issue(
  authority: KeyPair,
  subject: string,
  extensions: readonly Extension[],
): Promise<KeyPair> {
  const issuer = new X509Certificate(authority.certificate)
  const signingKey = await crypto.subtle.importKey(
    'pkcs8',
    PemConverter.decodeFirst(authority.privateKey),
    keyAlgorithm,
    false,
    ['sign'],
  )
  const keys = await newKeys()
  const certificate = await X509CertificateGenerator.create({
    ...validity(),
    subject,
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...extensions,
    ],
  })
  return { certificate: `${certificate.toString('pem')}\n`, privateKey: await privatePem(keys) }
}

function validity(): { readonly notBefore: Date; readonly notAfter: Date } {
  const now = Date.now()
  const notAfter = new Date(now)
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + lifeYears)
  return { notBefore: new Date(now - earlyMs), notAfter }
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify'])
}

async function privatePem(keys: webcrypto.CryptoKeyPair): Promise<string> {
  const der = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return `${PemConverter.encode(der, 'PRIVATE KEY')}\n`
}
