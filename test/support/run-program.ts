import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { slow } from './wait-until.ts'

/** How a program ended. `code` is that of a shell, 128 and more, after a signal. */
export interface ProgramResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface ProgramOptions {
  /** What it reads from its standard input. @default nothing */
  readonly input?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  /**
   * Milliseconds on an ordinary machine until it is killed.
   * @default 60_000
   */
  readonly timeoutMs?: number
}

/**
 * Runs a program to its end; any exit code is a result.
 *
 * @throws Error if it cannot be started
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    timeout: slow(options.timeoutMs ?? 60_000),
    killSignal: 'SIGKILL',
  })
  // A program that ends without reading its input is no error of the test.
  child.stdin?.on('error', () => {}).end(options.input)
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? (child.signalCode === 'SIGKILL' ? 137 : 143)))
  })
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    ended,
  ])
  return { code, stdout, stderr }
}

/**
 * Runs a program that has to succeed, and returns its standard output.
 *
 * @throws Error with everything it said if its exit code is not 0
 */
export async function outputOf(
  program: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await runProgram(program, args, options)
  if (code === 0) return stdout
  throw new Error(`${program} ${args.join(' ')} ended with exit code ${code}\n${stderr}${stdout}`)
}
