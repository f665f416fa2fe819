/** Called right before and right after each durable write and each effect, by its name. */
export type OnStep = (step: string) => void

/** Does what a crash may separate from what comes before and after it. */
export function asStep<T>(onStep: OnStep, name: string, act: () => T): T {
  onStep(`${name}.before`)
  const result = act()
  onStep(`${name}.after`)
  return result
}

/** The same for what takes its time. */
export async function asLongStep<T>(
  onStep: OnStep,
  name: string,
  act: () => Promise<T>,
): Promise<T> {
  onStep(`${name}.before`)
  const result = await act()
  onStep(`${name}.after`)
  return result
}
