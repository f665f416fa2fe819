/** `4d` and the like have their parts in this order; a second part only where it says something. */
function twoParts(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`
}

/**
 * A duration as kubectl shows ages: `119s`, `2m30s`, `45m`, `3h5m`, `26h`, `3d4h`, `12d`, `2y13d`.
 * Up to two seconds into the future count as `0s` (clocks differ); more is `<invalid>`.
 */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.trunc(seconds / 60)
  if (minutes < 10) return twoParts(minutes, 'm', seconds % 60, 's')
  if (minutes < 180) return `${minutes}m`
  const hours = Math.trunc(minutes / 60)
  if (hours < 8) return twoParts(hours, 'h', minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  const days = Math.trunc(hours / 24)
  if (days < 8) return twoParts(days, 'd', hours % 24, 'h')
  if (days < 730) return `${days}d`
  const years = Math.trunc(days / 365)
  return years < 8 ? twoParts(years, 'y', days % 365, 'd') : `${years}y`
}

/** The age at `now` (milliseconds since 1970) of an RFC 3339 time; `<unknown>` without one. */
export function ageAt(now: number, time: string | null | undefined): string {
  const at = time ? Date.parse(time) : Number.NaN
  return Number.isNaN(at) ? '<unknown>' : humanDuration(now - at)
}
