import { usageError } from '../cli-error.ts'

/**
 * How many of `pods` go at once for `--wave`: a number, or a share that is rounded up.
 *
 * @throws CliError (usage) if `text` is neither.
 */
export function waveSize(text: string, pods: number): number {
  const [, digits = '', percent] = /^(\d+)(%?)$/.exec(text) ?? []
  const number = Number(digits)
  if (digits === '' || number === 0 || (percent === '%' && number > 100)) {
    throw usageError(
      `Cannot go in waves of '${text}': --wave takes a number of pods, or 1% to 100%`,
    )
  }
  return percent === '%' ? Math.max(1, Math.ceil((pods * number) / 100)) : number
}
