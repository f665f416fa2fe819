/** What Go's time.ParseDuration makes of a text. */
export type GoDuration =
  | { readonly kind: 'duration'; readonly ms: number }
  | { readonly kind: 'invalid'; readonly message: string }

const msPerUnit: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['µs', 1e-3],
  ['μs', 1e-3],
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
])

/** Go counts nanoseconds in 63 bits. */
const longestMs = 2 ** 63 / 1e6

/** `1m30s`, `-1.5h`, `0`: numbers that all but zero have units. Errors are in Go's words. */
export function parseGoDuration(text: string): GoDuration {
  const [, sign = '', size = ''] = /^([-+]?)(.*)$/s.exec(text) ?? []
  if (size === '0') return { kind: 'duration', ms: 0 }
  const quoted = JSON.stringify(text)
  const bad: GoDuration = { kind: 'invalid', message: `time: invalid duration ${quoted}` }
  if (size === '') return bad
  let ms = 0
  for (let rest = size; rest !== '';) {
    const [whole = '', number = '', unit = ''] = /^(\d*\.?\d*)([^\d.]*)/.exec(rest) ?? []
    if (!/\d/.test(number)) return bad
    if (unit === '') {
      return { kind: 'invalid', message: `time: missing unit in duration ${quoted}` }
    }
    const one = msPerUnit.get(unit)
    if (one === undefined) {
      const why = `time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`
      return { kind: 'invalid', message: why }
    }
    ms += Number(number) * one
    rest = rest.slice(whole.length)
  }
  if (ms >= longestMs) return bad
  return { kind: 'duration', ms: sign === '-' ? -ms : ms }
}
