import { type Exit } from './exit-codes.ts'

/** Ends a verb with one clear line on stderr and an exit code; shows no stack. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exit: Exit

  constructor(exit: Exit, message: string, options?: ErrorOptions) {
    super(message, options)
    this.exit = exit
  }
}

/** The command line itself is wrong: exit code 2, nothing was changed. */
export function usageError(message: string): CliError {
  return new CliError('usage', message)
}
