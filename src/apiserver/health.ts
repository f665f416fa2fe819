/** One thing that must hold for a server to be well. */
export interface HealthCheck {
  readonly name: string
  readonly holds: () => boolean
}

const headers = {
  'content-type': 'text/plain; charset=utf-8',
  'cache-control': 'no-cache, private',
  'x-content-type-options': 'nosniff',
}

/**
 * What /livez, /readyz and /healthz answer: `ok`, or each check, where `verbose` is asked for or
 * one fails. `exclude=NAME` leaves one out.
 *
 * @see Kubernetes apiserver/pkg/server/healthz
 */
export function answerHealth(
  checks: readonly HealthCheck[],
  { pathname, searchParams }: URL,
): Response {
  const excluded = new Set(searchParams.getAll('exclude'))
  let failed = false
  const lines = checks.map(({ name, holds }) => {
    if (excluded.delete(name)) return `[+]${name} excluded: ok`
    if (holds()) return `[+]${name} ok`
    failed = true
    return `[-]${name} failed: reason withheld`
  })
  if (excluded.size > 0) {
    const names = [...excluded].map((name) => JSON.stringify(name)).join(', ')
    lines.push(`warn: some health checks cannot be excluded: no matches for ${names}`)
  }
  if (!failed && !searchParams.has('verbose')) return new Response('ok', { headers })
  lines.push(`${pathname.slice(1)} check ${failed ? 'failed' : 'passed'}`, '')
  return new Response(lines.join('\n'), { status: failed ? 500 : 200, headers })
}

/** What /livez/NAME answers; undefined where there is no such check. */
export function answerCheck(checks: readonly HealthCheck[], name: string): Response | undefined {
  const check = checks.find((one) => one.name === name)
  if (check === undefined) return undefined
  if (check.holds()) return new Response('ok', { headers })
  return new Response('internal server error: reason withheld\n', { status: 500, headers })
}
