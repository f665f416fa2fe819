import { readFile, stat } from 'node:fs/promises'
import type { User } from '../call.ts'
import { KnownTokens, type KnownToken } from './known-tokens.ts'

/**
 * The tokens in a file of kube-apiserver's `--token-auth-file`: lines of
 * `token,user name,user uid` with, quoted, the groups: `...,"group1,group2"`.
 *
 * @throws Error when it cannot be read, is no such file, or others may read it.
 */
export async function loadTokenFile(path: string): Promise<KnownTokens> {
  try {
    const { mode } = await stat(path)
    if ((mode & 0o077) !== 0) {
      const octal = (mode & 0o777).toString(8).padStart(4, '0')
      throw new Error(`its mode is ${octal}, so that others can read it; run: chmod 600 ${path}`)
    }
    return new KnownTokens(parseTokenFile(await readFile(path, 'utf8')))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`Cannot take tokens from ${path}: ${why}`, { cause: error })
  }
}

/** @throws SyntaxError naming the first line that is wrong. */
export function parseTokenFile(text: string): readonly KnownToken[] {
  return text.split(/\r?\n/).flatMap((line, index): readonly KnownToken[] => {
    if (line.trim() === '' || line.startsWith('#')) return []
    const fields = splitFields(line)
    const [token = '', name = '', uid = '', groups = ''] = fields
    if (fields.length < 3 || token === '' || name === '') {
      throw new SyntaxError(`line ${index + 1} must be token,user,uid or token,user,uid,"groups"`)
    }
    const user: User = {
      name,
      ...(uid === '' ? {} : { uid }),
      groups: [...groups.split(',').filter((one) => one !== ''), 'system:authenticated'],
    }
    return [{ token, user }]
  })
}

/** The fields of a CSV line; one in quotes may have commas, and quotes written twice. */
function splitFields(line: string): readonly string[] {
  const found = line.matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")*)"|([^,]*))/g)
  return [...found].map(([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain.trim())
}
