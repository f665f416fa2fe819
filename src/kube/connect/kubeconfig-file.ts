import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { errorCode } from '../../domain/error-code.ts'

/** One server, as a kubeconfig names it. Files are absolute paths. */
export interface KubeconfigCluster {
  readonly server: string
  readonly 'certificate-authority'?: string
  readonly 'certificate-authority-data'?: string
  readonly 'insecure-skip-tls-verify'?: boolean
  readonly 'tls-server-name'?: string
  readonly 'proxy-url'?: string
}

/** A program that gives credentials. */
export interface KubeconfigExec {
  readonly apiVersion?: string
  readonly command: string
  readonly args?: readonly string[] | null
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null
  readonly installHint?: string
  readonly provideClusterInfo?: boolean
  readonly interactiveMode?: string
}

export interface KubeconfigUser {
  readonly 'client-certificate'?: string
  readonly 'client-certificate-data'?: string
  readonly 'client-key'?: string
  readonly 'client-key-data'?: string
  readonly token?: string
  readonly tokenFile?: string
  readonly username?: string
  readonly password?: string
  readonly as?: string
  readonly 'as-uid'?: string
  readonly 'as-groups'?: readonly string[]
  readonly 'as-user-extra'?: Readonly<Record<string, readonly string[]>>
  readonly exec?: KubeconfigExec
  /** Removed from Kubernetes but for OIDC. */
  readonly 'auth-provider'?: Readonly<Record<string, unknown>>
}

export interface KubeconfigContext {
  readonly cluster: string
  readonly user?: string
  readonly namespace?: string
}

/** One kubeconfig, or several merged: what is said first wins. */
export interface Kubeconfig {
  readonly files: readonly string[]
  readonly currentContext: string | undefined
  readonly contexts: ReadonlyMap<string, KubeconfigContext>
  readonly clusters: ReadonlyMap<string, KubeconfigCluster>
  readonly users: ReadonlyMap<string, KubeconfigUser>
}

/** A kubeconfig that cannot be used: which file or entry, why, and what would work. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError'
}

/** Fields that hold a path, relative to the file they stand in. */
const pathFields = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile']

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function absolutePaths(entry: Readonly<Record<string, unknown>>, directory: string) {
  const paths = pathFields.flatMap((field) => {
    const path = entry[field]
    return typeof path === 'string' && path !== '' ? [[field, resolve(directory, path)]] : []
  })
  return { ...entry, ...Object.fromEntries(paths) }
}

/** `exec.command` with a slash is relative to the file; without one it is looked up in PATH. */
function absoluteCommand(entry: Readonly<Record<string, unknown>>, directory: string) {
  const { exec } = entry
  if (!isObject(exec) || typeof exec.command !== 'string' || !exec.command.includes('/')) {
    return entry
  }
  return { ...entry, exec: { ...exec, command: resolve(directory, exec.command) } }
}

/** The list `name` (`clusters: [{name, cluster: {...}}]`) as a map. */
function named<T>(config: object, list: string, field: string, file: string): Map<string, T> {
  const entries = (config as Record<string, unknown>)[list] ?? []
  if (!Array.isArray(entries)) {
    throw new KubeconfigError(`Cannot use kubeconfig ${file}: ${list} must be a list`)
  }
  const found = new Map<string, T>()
  for (const entry of entries) {
    if (!isObject(entry) || typeof entry.name !== 'string' || !isObject(entry[field])) {
      const wanted = `each entry of ${list} must have a name and a ${field}`
      throw new KubeconfigError(`Cannot use kubeconfig ${file}: ${wanted}`)
    }
    const body = absoluteCommand(absolutePaths(entry[field], dirname(file)), dirname(file))
    if (!found.has(entry.name)) found.set(entry.name, body as T)
  }
  return found
}

/** Reads YAML; JSON, which is YAML too, without loading the YAML parser (25 ms). */
async function parse(text: string, file: string): Promise<unknown> {
  try {
    if (text.trimStart().startsWith('{')) return JSON.parse(text)
    const { parse } = await import('yaml')
    return parse(text)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause)
    throw new KubeconfigError(`Cannot read kubeconfig ${file}: it is not YAML: ${why}`, { cause })
  }
}

/** @throws KubeconfigError if the text is not a kubeconfig. `file` is where it came from. */
export async function parseKubeconfig(text: string, file: string): Promise<Kubeconfig> {
  const config = await parse(text, file)
  if (!isObject(config)) {
    throw new KubeconfigError(
      `Cannot use kubeconfig ${file}: it must be a mapping with clusters, users and contexts`,
    )
  }
  const current = config['current-context']
  return {
    files: [file],
    currentContext: typeof current === 'string' && current !== '' ? current : undefined,
    contexts: named(config, 'contexts', 'context', file),
    clusters: named(config, 'clusters', 'cluster', file),
    users: named(config, 'users', 'user', file),
  }
}

/** @throws KubeconfigError if the file cannot be read. */
export async function readKubeconfig(file: string): Promise<Kubeconfig> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    const code = errorCode(cause)
    const why =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EACCES'
          ? 'this user may not read it; run with sudo, or use a copy of your own'
          : String(cause)
    throw new KubeconfigError(`Cannot read kubeconfig ${file}: ${why}`, { cause })
  }
  return parseKubeconfig(text, resolve(file))
}

/** Several files as one, as kubectl merges `$KUBECONFIG`: the first that says something wins. */
export function mergeKubeconfigs(configs: readonly Kubeconfig[]): Kubeconfig {
  const merge = <T>(maps: readonly ReadonlyMap<string, T>[]) =>
    new Map(maps.toReversed().flatMap((map) => [...map]))
  return {
    files: configs.flatMap(({ files }) => files),
    currentContext: configs.map((one) => one.currentContext).find((name) => name !== undefined),
    contexts: merge(configs.map(({ contexts }) => contexts)),
    clusters: merge(configs.map(({ clusters }) => clusters)),
    users: merge(configs.map(({ users }) => users)),
  }
}
