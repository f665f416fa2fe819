import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'

const parsers = {
  certificate: (text: string) => new X509Certificate(text),
  'private key': (text: string) => createPrivateKey(text),
} as const

/**
 * The text of a file that holds a certificate or a key as PEM.
 *
 * @throws Error of Node.js when it cannot be read, one that names the file when it holds none.
 */
export async function readPem(path: string, what: keyof typeof parsers): Promise<string> {
  const text = await readFile(path, 'utf8')
  try {
    parsers[what](text)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(
      `Cannot use ${path}: it holds no ${what} (${why}); put a copy of it back, or move it away to have it made anew`,
      { cause },
    )
  }
  return text
}
