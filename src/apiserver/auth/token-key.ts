import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto'
import { join } from 'node:path'
import { errorCode } from '../../domain/error-code.ts'
import { writeWhole } from '../tls/pki.ts'
import { readPem } from '../tls/read-pem.ts'

/** Signs service account tokens (ES256). Whoever has it can be any service account. */
export interface TokenKey {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** Names the key in tokens: it follows from the public key. */
  readonly id: string
}

/** A key that is gone with the process, and its tokens with it. */
export function newTokenKey(): TokenKey {
  return keyOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
}

/**
 * The key in `directory`, made at the first call; readable by its owner only. Tokens
 * stay good over restarts.
 *
 * @throws Error that names the file when it is there and holds no key.
 */
export async function loadTokenKey(directory: string): Promise<TokenKey> {
  const path = join(directory, 'sa.key')
  try {
    return keyOf(createPrivateKey(await readPem(path, 'private key')))
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
  const key = newTokenKey()
  const pem = key.privateKey.export({ type: 'pkcs8', format: 'pem' })
  await writeWhole(path, pem.toString(), 0o600)
  return key
}

function keyOf(privateKey: KeyObject): TokenKey {
  const publicKey = createPublicKey(privateKey)
  const der = publicKey.export({ type: 'spki', format: 'der' })
  return { privateKey, publicKey, id: createHash('sha256').update(der).digest('base64url') }
}
