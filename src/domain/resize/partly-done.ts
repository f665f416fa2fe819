import type { ResizeStep } from './plan.ts'

/**
 * What is told of a plan that failed: the cause and, where some containers have their new
 * size by then and others not, who does and who does not.
 *
 * @param done how many of the steps were done before the one that failed.
 */
export function failureMessage(cause: string, steps: readonly ResizeStep[], done: number): string {
  const finished = containersOf(steps.slice(0, done))
  const left = containersOf(steps.slice(done))
  if (finished.length === 0 || left.length === 0) return cause
  return `${cause}; resized already: ${listed(finished)}, not yet: ${listed(left)}`
}

/** Those that have their new size after these steps. */
function containersOf(steps: readonly ResizeStep[]): readonly string[] {
  return steps.flatMap((step) =>
    step.kind === 'updateContainer' || step.kind === 'restartContainer' ? [step.container] : [],
  )
}

function listed(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(', ')
}
