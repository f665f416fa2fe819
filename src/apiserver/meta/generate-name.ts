/** No vowels and nothing that looks like another letter, as in Kubernetes. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789'
const suffixLength = 5
const longest = 63

/** `base` and five random characters; `base` is cut so that the whole has at most 63. */
export function generateName(base: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(suffixLength))
  const suffix = Array.from(bytes, (byte) => alphabet[byte % alphabet.length]).join('')
  return base.slice(0, longest - suffixLength) + suffix
}
