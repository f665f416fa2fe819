import {
  formatQuantity,
  malformedQuantityMessage,
  parseQuantity,
  roundUpToMilli,
} from '../../domain/quantity/quantity.ts'

/** A scalar as the API server keeps it, or why the text is none, in kube-apiserver's words. */
export type FormattedScalar =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'invalid'; readonly message: string }

function text(value: string): FormattedScalar {
  return { kind: 'text', text: value }
}

function invalid(message: string): FormattedScalar {
  return { kind: 'invalid', message }
}

// The same texts as Kubernetes' pattern below. That one can part a run of digits at any place,
// and backtracks through all of them.
const quantityPattern = /^[+-]?[0-9.]+(?:[eEinumkKMGTP]+[-+]?[0-9]*|[-+][0-9]*)?$/
const badSuffix = "unable to parse quantity's suffix"

/** The same few quantities and times come again and again; exact arithmetic is not free. */
const known = new Map<string, FormattedScalar>()
const knownLimit = 2000

/** @param as what `given` is read as: the same text does not mean the same everywhere. */
function remembered(
  as: 'listed' | 'quantity' | 'time',
  given: string,
  read: () => FormattedScalar,
): FormattedScalar {
  const key = `${as} ${given}`
  const cached = known.get(key)
  if (cached) return cached
  const formatted = read()
  if (known.size >= knownLimit) known.clear()
  if (given.length <= 32) known.set(key, formatted)
  return formatted
}

/**
 * `given` in canonical form: `0.5` becomes `500m`, `1024Mi` becomes `1Gi`.
 *
 * @param inList rounds up to thousandths, as Kubernetes does with every ResourceList.
 */
export function formatQuantityText(given: string, inList: boolean): FormattedScalar {
  const as = inList ? 'listed' : 'quantity'
  return remembered(as, given, () => canonicalQuantity(given.trim(), inList))
}

function canonicalQuantity(given: string, inList: boolean): FormattedScalar {
  const quantity = given.length > 100 ? undefined : parseQuantity(given)
  if (quantity === undefined)
    return invalid(quantityPattern.test(given) ? badSuffix : malformedQuantityMessage)
  return text(formatQuantity(inList ? roundUpToMilli(quantity) : quantity))
}

const timePattern = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/

function badTime(given: string, layout: string): FormattedScalar {
  const quoted = JSON.stringify(given)
  return invalid(`parsing time ${quoted} as "${layout}": cannot parse ${quoted} as RFC 3339`)
}

/** As Go's time package tells it. */
function unparsed(given: string, layout: string, rest: string, part: string): FormattedScalar {
  const quoted = JSON.stringify(given)
  return invalid(
    `parsing time ${quoted} as "${layout}": cannot parse ${JSON.stringify(rest)} as "${part}"`,
  )
}

function timeParts(
  given: string,
): { readonly seconds: string; readonly fraction: string } | undefined {
  const parts = timePattern.exec(given)
  const at = parts ? Date.parse(`${parts[1]}${parts[3]}`) : Number.NaN
  if (!parts || Number.isNaN(at)) return undefined
  return { seconds: new Date(at).toISOString().slice(0, 19), fraction: parts[2] ?? '' }
}

/** An RFC 3339 time in UTC with whole seconds: what metav1.Time keeps. */
export function formatTime(given: string): FormattedScalar {
  return remembered('time', given, () => {
    const parts = timeParts(given)
    return parts ? text(`${parts.seconds}Z`) : badTime(given, '2006-01-02T15:04:05Z07:00')
  })
}

const microLayout = '2006-01-02T15:04:05.000000Z07:00'

/**
 * An RFC 3339 time in UTC with six digits of a second: what metav1.MicroTime keeps. It takes no
 * other number of digits: clients that send milliseconds are to learn it here.
 */
export function formatMicroTime(given: string): FormattedScalar {
  const parts = timeParts(given)
  if (!parts) return badTime(given, microLayout)
  const { seconds, fraction } = parts
  if (fraction.length === 6) return text(`${seconds}.${fraction}Z`)
  const tail = given.slice(seconds.length)
  const [rest, part] = fraction.length > 6 ? [tail.slice(7), 'Z07:00'] : [tail, '.000000']
  return unparsed(given, microLayout, rest, part)
}

const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Base64 with padding, line breaks removed. */
export function formatBytes(given: string): FormattedScalar {
  const packed = given.replaceAll(/[\r\n]/g, '')
  if (base64Pattern.test(packed)) return text(packed)
  const bad = packed.search(/[^A-Za-z0-9+/]/)
  return invalid(`illegal base64 data at input byte ${bad === -1 ? packed.length : bad}`)
}
