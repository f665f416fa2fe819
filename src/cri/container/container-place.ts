import { ociCgroupPath } from '../../domain/cgroup/names.ts'

/** Where a container is on the machine, as its runtime tells. */
export interface ContainerPlace {
  /** As the runtime was told: below another root where it runs in a container itself (kind). */
  readonly cgroup?: string
  /** Its first process. */
  readonly pid?: number
  /** The OCI runtime that it was made with, where that is told: `runc`, `/usr/bin/crun`. */
  readonly binary?: string
}

/** The `info` text of a verbose ContainerStatus, as far as containerd and CRI-O agree on it. */
interface VerboseInfo {
  readonly pid?: unknown
  readonly runtimeSpec?: { readonly linux?: { readonly cgroupsPath?: unknown } }
  readonly runtimeOptions?: { readonly BinaryName?: unknown; readonly binary_name?: unknown }
}

/** Reads what a runtime tells of a container. Text that is none of theirs tells nothing. */
export function containerPlace(info: Readonly<Record<string, string>>): ContainerPlace {
  const { pid, runtimeSpec, runtimeOptions } = parse(info['info'] ?? '')
  const told = runtimeSpec?.linux?.cgroupsPath
  const cgroup = typeof told === 'string' ? ociCgroupPath(told) : undefined
  const binary = runtimeOptions?.BinaryName ?? runtimeOptions?.binary_name
  return {
    ...(cgroup === undefined ? {} : { cgroup }),
    ...(typeof pid === 'number' && pid > 0 ? { pid } : {}),
    ...(typeof binary === 'string' && binary !== '' ? { binary } : {}),
  }
}

function parse(text: string): VerboseInfo {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
