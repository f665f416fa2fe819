import { readFileSync } from 'node:fs'

/** The cgroups of one process, as `/proc/PID/cgroup` tells them. */
export interface ProcessCgroups {
  /** Path by v1 controller; named hierarchies without their `name=`: `systemd`. */
  readonly v1: ReadonlyMap<string, string>
  /** Path in the v2 tree, in hybrid mode the one below `unified`. */
  readonly v2?: string
}

/** A path that leads into this machine's tree: not removed, not above our cgroup namespace. */
function usable(path: string): boolean {
  return path.startsWith('/') && !path.startsWith('/..') && !path.endsWith(' (deleted)')
}

/** Reads the text of `/proc/PID/cgroup`. Lines are `ID:CONTROLLERS:PATH`, v2's is `0::PATH`. */
export function parseProcessCgroups(text: string): ProcessCgroups {
  const v1 = new Map<string, string>()
  let v2: string | undefined
  for (const line of text.split('\n')) {
    const [, id, controllers, path] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? []
    if (path === undefined || controllers === undefined || !usable(path)) continue
    if (id === '0') v2 = path
    else for (const name of controllers.split(',')) v1.set(name.replace(/^name=/, ''), path)
  }
  return { v1, ...(v2 === undefined ? {} : { v2 }) }
}

/** The cgroups of process `pid`; `undefined` if there is no such process. */
export function processCgroups(pid: number, proc = '/proc'): ProcessCgroups | undefined {
  try {
    return parseProcessCgroups(readFileSync(`${proc}/${pid}/cgroup`, 'utf8'))
  } catch {
    return undefined
  }
}
