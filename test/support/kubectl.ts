import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { outputOf, runProgram, type ProgramOptions, type ProgramResult } from './run-program.ts'

/** The versions that scripts/fetch-kubectl knows. */
export type KubectlVersion = '1.32' | '1.36'

/** kubectl, a real one, against one kubeconfig. */
export interface Kubectl {
  /** Path of the program. */
  readonly program: string
  /** Arguments that every call begins with. */
  readonly baseArgs: readonly string[]
  /** Runs it to its end; a failure is a result, too. */
  try(args: readonly string[], options?: ProgramOptions): Promise<ProgramResult>
  /** Runs it and returns its standard output. @throws Error if it fails */
  run(args: readonly string[], options?: ProgramOptions): Promise<string>
  /** Runs `get ARGS -o json` and returns the object. @throws Error if it fails */
  get<T>(args: readonly string[]): Promise<T>
  /** Applies a manifest, YAML or JSON. @throws Error if it fails */
  apply(manifest: string | object): Promise<string>
  /** Starts it and leaves it running (`get -w`, `logs -f`, `port-forward`); the caller ends it. */
  start(
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): ChildProcessByStdio<null, Readable, Readable>
}

const checkout = join(import.meta.dirname, '../..')
const programs = new Map<KubectlVersion, string>()

/**
 * Where kubectl of a version lies. The machine's own kubectl is no substitute:
 * what it sends differs from version to version.
 *
 * @throws Error if it is neither in .cache nor to be fetched
 */
export function kubectlProgram(version: KubectlVersion = '1.32'): string {
  const known = programs.get(version)
  if (known !== undefined) return known
  const fetched = spawnSync(join(checkout, 'scripts/fetch-kubectl'), [version], {
    encoding: 'utf8',
  })
  if (fetched.status !== 0) throw new Error(`Cannot find kubectl ${version}: ${fetched.stderr}`)
  const program = fetched.stdout.trim()
  programs.set(version, program)
  return program
}

/** @param namespace of every call. @default the kubeconfig's */
export function createKubectl(
  kubeconfig: string,
  version?: KubectlVersion,
  namespace?: string,
): Kubectl {
  const program = kubectlProgram(version)
  // The usual cache in the home directory goes by the server's address, and a
  // later server on the same port would be taken for this one.
  const cache = ['--cache-dir', `${kubeconfig}.kubectl-cache`]
  const place = namespace === undefined ? [] : ['--namespace', namespace]
  const baseArgs = ['--kubeconfig', kubeconfig, ...cache, ...place]
  const run: Kubectl['run'] = (args, options) => outputOf(program, [...baseArgs, ...args], options)
  return {
    program,
    baseArgs,
    run,
    try: (args, options) => runProgram(program, [...baseArgs, ...args], options),
    get: async <T>(args: readonly string[]) =>
      JSON.parse(await run(['get', ...args, '-o', 'json'])) as T,
    apply: (manifest) =>
      run(['apply', '-f', '-'], {
        input: typeof manifest === 'string' ? manifest : JSON.stringify(manifest),
      }),
    start: (args, env) =>
      spawn(program, [...baseArgs, ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...env },
      }),
  }
}
