/**
 * As `Promise.all`, but of several failures the first in order is thrown, as soon as those before
 * it have ended: whoever asks twice is told the same.
 */
export async function allInOrder<const Many extends readonly unknown[]>(
  many: Many,
): Promise<{ -readonly [Index in keyof Many]: Awaited<Many[Index]> }> {
  const all = Promise.all(many)
  // Nobody hears of a failure after the one that is thrown.
  all.catch(() => undefined)
  for (const one of many) await one
  return all
}
