/**
 * Resolves when nothing has happened during one pause, at the latest after `most` of them.
 *
 * @param happened how much has happened so far.
 */
export async function untilCalm(
  happened: () => number,
  pause: () => Promise<void>,
  most: number,
): Promise<void> {
  for (let pauses = 0; pauses < most; pauses += 1) {
    const before = happened()
    await pause()
    if (happened() === before) return
  }
}
