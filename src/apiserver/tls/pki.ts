import { X509Certificate } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { dirname, join } from 'node:path'
import { errorCode } from '../../domain/error-code.ts'
import type { KeyPair } from './issue.ts'

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
 * besides the local names is replaced; the authority stays, so that clients'
 * kubeconfigs do, too.
 */
export async function loadPki(directory: string, hosts: readonly string[] = []): Promise<Pki> {
  const names = [...new Set([...localNames, ...hosts])]
  const found = await readPki(directory)
  if (found === undefined) return makePki(directory, names)
  if (names.every((name) => isNamed(found.server.certificate, name))) return found
  const { issueServer } = await import('./issue.ts')
  const server = await issueServer(found.authority, names)
  await writePair(directory, 'server', server)
  return { ...found, server }
}

function isNamed(certificate: string, name: string): boolean {
  const parsed = new X509Certificate(certificate)
  const found = isIP(name) === 0 ? parsed.checkHost(name) : parsed.checkIP(name)
  return found !== undefined && parsed.validToDate.getTime() > Date.now()
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
      readFile(join(directory, `${name}.crt`), 'utf8'),
      readFile(join(directory, `${name}.key`), 'utf8'),
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

/** Replaces a file in one step: readers see the old text or the new one. */
export async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  const aside = `${path}.${process.pid}.new`
  await rm(aside, { force: true })
  await writeFile(aside, text, { mode, flag: 'wx' })
  await rename(aside, path)
}
