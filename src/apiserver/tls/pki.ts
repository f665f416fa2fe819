import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { dirname, join } from 'node:path'
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
 * besides the local names is replaced, and whatever does not hold now: it has expired, or was made
 * by a clock that was ahead. The authority stays if it can, so that clients' kubeconfigs do, too.
 *
 * @throws Error that names the file when one of them is damaged
 */
export async function loadPki(directory: string, hosts: readonly string[] = []): Promise<Pki> {
  const names = [...new Set([...localNames, ...hosts])]
  const found = await readPki(directory)
  if (found === undefined) return makePki(directory, names)
  const isOurs = (pair: KeyPair) => isSignedBy(authority, pair)
  const authority = isGood(found.authority)
    ? found.authority
    : await renew(directory, 'ca', ({ issueAuthority }) => issueAuthority())
  const server =
    isOurs(found.server) && names.every((name) => isNamed(found.server.certificate, name))
      ? found.server
      : await renew(directory, 'server', ({ issueServer }) => issueServer(authority, names))
  const admin = isOurs(found.admin)
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
  await writePair(directory, name, pair)
  return pair
}

function isNamed(certificate: string, name: string): boolean {
  const parsed = new X509Certificate(certificate)
  return (isIP(name) === 0 ? parsed.checkHost(name) : parsed.checkIP(name)) !== undefined
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

async function readPki(directory: string): Promise<Pki | undefined> {
  const [authority, server, admin] = await Promise.all([
    readPair(directory, 'ca'),
    readPair(directory, 'server'),
    readPair(directory, 'admin'),
  ])
  return authority && server && admin ? { authority, server, admin } : undefined
}

async function readPair(directory: string, name: string): Promise<KeyPair | undefined> {
  try {
    const [certificate, privateKey] = await Promise.all([
      readPem(join(directory, `${name}.crt`), 'certificate'),
      readPem(join(directory, `${name}.key`), 'private key'),
    ])
    return { certificate, privateKey }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Made aside and moved into place whole, so that a crash leaves all of it or nothing. */
async function makePki(directory: string, names: readonly string[]): Promise<Pki> {
  const { issueAdmin, issueAuthority, issueServer } = await import('./issue.ts')
  const authority = await issueAuthority()
  const [server, admin] = await Promise.all([issueServer(authority, names), issueAdmin(authority)])
  await mkdir(dirname(directory), { recursive: true })
  const aside = await mkdtemp(`${directory}.`)
  await writePair(aside, 'ca', authority)
  await writePair(aside, 'server', server)
  await writePair(aside, 'admin', admin)
  await rm(directory, { recursive: true, force: true })
  await rename(aside, directory)
  return { authority, server, admin }
}

async function writePair(directory: string, name: string, pair: KeyPair): Promise<void> {
  await writeWhole(join(directory, `${name}.key`), pair.privateKey, 0o600)
  await writeWhole(join(directory, `${name}.crt`), pair.certificate, 0o644)
}

/** Replaces a file in one step: readers see the old text or the new one, after a power loss, too. */
export async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  const aside = `${path}.${process.pid}.new`
  await rm(aside, { force: true })
  await writeFile(aside, text, { mode, flag: 'wx', flush: true })
  await rename(aside, path)
}
