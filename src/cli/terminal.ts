import { styleText } from 'node:util'

/** The part of `process` that verbs write to and are stopped by, so that tests can stand in for it. */
export interface Terminal {
  readonly stdout: Sink
  readonly stderr: Sink
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted by Ctrl-C (SIGINT) and SIGTERM. */
  readonly signal: AbortSignal
}

export interface Sink {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
  /** Whether whoever read it is gone. @default false */
  readonly isClosed?: boolean
}

export type Style = 'green' | 'yellow' | 'red' | 'dim' | 'bold'

/** Puts a style on text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string

/** Text as it is: for pipes and files. */
export const plain: Paint = (_style, text) => text

/**
 * Colours for `sink`: only on a terminal, and never with NO_COLOR set (whatever
 * its value, if not empty) or TERM=dumb.
 *
 * @see https://no-color.org
 */
export function paintFor(sink: Sink, env: Terminal['env']): Paint {
  if (sink.isTTY !== true || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb') return plain
  return (style, text) => styleText(style, text, { validateStream: false })
}
