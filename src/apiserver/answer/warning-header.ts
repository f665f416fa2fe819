/** Characters of all warnings together; beyond that each is cut to `mostEach`. */
const mostInAll = 4 * 1024
const mostEach = 256

/**
 * The value of the `Warning` header that tells `texts`, in UTF-8 as bytes of Latin-1: all that
 * Node.js lets into a header. Undefined where there is nothing to tell. Repeated texts are told
 * once, those with control characters not at all.
 *
 * @see Kubernetes apiserver/pkg/endpoints/filters/warning.go; apimachinery/pkg/util/net/http.go
 */
export function warningHeader(texts: readonly string[]): string | undefined {
  const telling = [...new Set(texts)].filter((text) => text !== '' && !/\p{Cc}/u.test(text))
  if (telling.length === 0) return undefined
  const header = fitting(telling).map((text) => `299 - "${text.replaceAll(/["\\]/g, '\\$&')}"`)
  return Buffer.from(header.join(', ')).toString('latin1')
}

function fitting(texts: readonly string[]): readonly string[] {
  const length = texts.reduce((sum, text) => sum + text.length, 0)
  if (length <= mostInAll) return texts
  const cut: string[] = []
  let told = 0
  for (const text of texts) {
    if (told >= mostInAll) break
    cut.push(text.slice(0, mostEach))
    told += Math.min(text.length, mostEach)
  }
  return cut
}
