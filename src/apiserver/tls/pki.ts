import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { errorCode } from '../../domain/error-code.ts'
import type * as Issuing from './issue.ts'
import type { KeyPair } from './issue.ts'
import { readPem } from './read-pem.ts'

/** The certificates of one API server, all as PEM. */
export interface Pki {
  /** Signs the others, and what clients trust. */
  readonly authority: KeyPair
  readonly server: KeyPair
  /** Lets its holder do everything: group `system:masters`. */
  readonly admin: KeyPair
}

const localNames: readonly string[] = ['localhost', '127.0.0.1', '::1']

/**
 * The certificates in `directory`, made at the first call: private keys readable
 * by their owner only. A server certificate that does not name all of `hosts`
 * besides the local names is replaced, and whatever is missing or does not hold now: it has
 * expired, or was made by a clock that was ahead, or by a call that a crash cut short. The
 * authority stays if it can, so that clients' kubeconfigs do, too.
 *
 * @throws Error that names the first file that is damaged
 */
export async function loadPki(directory: string, hosts: readonly string[] = []): Promise<Pki> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const names = [...new Set([...localNames, ...hosts])]
  const found = {
    authority: await readPair(directory, 'ca'),
    server: await readPair(directory, 'server'),
    admin: await readPair(directory, 'admin'),
  }
  const authority =
    found.authority && isGood(found.authority)
      ? found.authority
      : await renew(directory, 'ca', ({ issueAuthority }) => issueAuthority())
  const server =
    found.server && isSignedBy(authority, found.server) && isNamed(found.server, names)
      ? found.server
      : await renew(directory, 'server', ({ issueServer }) => issueServer(authority, names))
  const admin =
    found.admin && isSignedBy(authority, found.admin)
      ? found.admin
      : await renew(directory, 'admin', ({ issueAdmin }) => issueAdmin(authority))
  return { authority, server, admin }
}

/** What issues them takes a while to load, and is hardly ever needed. */
async function renew(
  directory: string,
  name: string,
  issue: (by: typeof Issuing) => Promise<KeyPair>,
): Promise<KeyPair> {
  const pair = await issue(await import('./issue.ts'))
  await writeWhole(join(directory, `${name}.key`), pair.privateKey, 0o600)
  await writeWhole(join(directory, `${name}.crt`), pair.certificate, 0o644)
  return pair
}

function isNamed({ certificate }: KeyPair, names: readonly string[]): boolean {
  const parsed = new X509Certificate(certificate)
  const isOne = (name: string) => (isIP(name) === 0 ? parsed.checkHost(name) : parsed.checkIP(name))
  return names.every((name) => isOne(name) !== undefined)
}

/** By this authority, not by one before it: a crash may have come between the two. */
function isSignedBy(authority: KeyPair, pair: KeyPair): boolean {
  const { publicKey } = new X509Certificate(authority.certificate)
  return isGood(pair) && new X509Certificate(pair.certificate).verify(publicKey)
}

/** It holds now, and its key is its own: a crash may have come between their two files. */
function isGood({ certificate, privateKey }: KeyPair): boolean {
  const parsed = new X509Certificate(certificate)
  const now = Date.now()
  const isInTime = parsed.validFromDate.getTime() <= now && now < parsed.validToDate.getTime()
  return isInTime && parsed.checkPrivateKey(createPrivateKey(privateKey))
}

/** One file after the other: of several that are damaged, the same one is named each time. */
async function readPair(directory: string, name: string): Promise<KeyPair | undefined> {
  try {
    const certificate = await readPem(join(directory, `${name}.crt`), 'certificate')
    const privateKey = await readPem(join(directory, `${name}.key`), 'private key')
    return { certificate, privateKey }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Replaces a file in one step: readers see the old text or the new one, after a power loss, too. */
export async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  const aside = `${path}.${process.pid}.new`
  await rm(aside, { force: true })
  await writeFile(aside, text, { mode, flag: 'wx', flush: true })
  await rename(aside, path)
}
