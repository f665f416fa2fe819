import { type Command } from 'commander'
import { type ExitCode } from './exit-codes.ts'
import { type Terminal } from './terminal.ts'

/** How a verb tells its exit code once its action has run. */
export type Finish = (run: Promise<ExitCode>) => Promise<void>

/** What a verb is given to define itself: its command, still without arguments and options. */
export interface VerbContext {
  readonly command: Command
  readonly terminal: Terminal
  /** Wraps the action's work: takes its exit code, prints its error in one line. */
  readonly finish: Finish
}

export interface VerbModule {
  /** Adds arguments, options, examples and the action to the command. */
  define(context: VerbContext): void
}

/** A verb as the help of `podfit` lists it. Its module is loaded only when it is used. */
export interface Verb {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<VerbModule>
}
