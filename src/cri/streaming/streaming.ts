/**
 * Which streams an exec or an attach carries. At least one must be true; with a
 * terminal, stderr must not be (it comes with stdout).
 */
export interface Streams {
  readonly stdin?: boolean
  readonly stdout?: boolean
  readonly stderr?: boolean
  readonly tty?: boolean
}

/** The output of a command that has ended. Up to 16 MiB each. */
export interface ExecSyncResult {
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  readonly exitCode: number
}

export function streamsToWire(streams: Streams) {
  return {
    stdin: streams.stdin ?? false,
    stdout: streams.stdout ?? false,
    stderr: streams.stderr ?? false,
    tty: streams.tty ?? false,
  }
}
