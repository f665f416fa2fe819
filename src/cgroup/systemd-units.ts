import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { UnitProperty } from '../domain/cgroup/systemd-properties.ts'

const run = promisify(execFile)

/** A slice that systemd would not make, change or end. */
export class SystemdError extends Error {
  readonly unit: string
  readonly retry: 'soon' | 'later'

  constructor(act: string, unit: string, cause: unknown) {
    super(`Cannot ${act} ${unit}: ${textOf(cause)}`, { cause })
    this.unit = unit
    this.retry = /timed out|connect/i.test(textOf(cause)) ? 'later' : 'soon'
  }
}

/** The slices of this machine's systemd, as the owner of their cgroups. */
export interface SystemdUnits {
  /** Makes the slice and those above it; one that is there gets the properties. */
  start(unit: string, properties: readonly UnitProperty[]): Promise<void>
  /** Changes a slice until the next boot. */
  set(unit: string, properties: readonly UnitProperty[]): Promise<void>
  /** Ends the slice with everything in it; none is fine. */
  stop(unit: string): Promise<void>
}

/**
 * systemd by its own client of D-Bus, `busctl`, which is wherever systemd is. A call takes
 * 5 ms, so it is for what happens once for a pod or a resize.
 *
 * @see org.freedesktop.systemd1(5)
 */
export function openSystemdUnits(): SystemdUnits {
  return {
    async start(unit, properties) {
      const all = [...properties, { name: 'DefaultDependencies', type: 'b', value: 'false' }]
      try {
        await call('StartTransientUnit', 'ssa(sv)a(sa(sv))', [unit, 'replace', ...array(all), '0'])
      } catch (error) {
        if (!/already (?:exists|loaded)|UnitExists/i.test(textOf(error))) {
          throw new SystemdError('start', unit, error)
        }
        await set(unit, properties)
      }
    },
    set,
    async stop(unit) {
      try {
        await call('StopUnit', 'ss', [unit, 'replace'])
      } catch (error) {
        if (!/not loaded|NoSuchUnit/i.test(textOf(error)))
          throw new SystemdError('stop', unit, error)
      }
    },
  }
}

async function set(unit: string, properties: readonly UnitProperty[]): Promise<void> {
  if (properties.length === 0) return
  try {
    await call('SetUnitProperties', 'sba(sv)', [unit, 'true', ...array(properties)])
  } catch (error) {
    throw new SystemdError('change', unit, error)
  }
}

async function call(method: string, signature: string, values: readonly string[]): Promise<void> {
  const manager = ['org.freedesktop.systemd1', '/org/freedesktop/systemd1']
  const place = [...manager, 'org.freedesktop.systemd1.Manager']
  await run('busctl', ['--system', '--quiet', 'call', ...place, method, signature, ...values], {
    timeout: 30_000,
  })
}

function array(
  properties: readonly { readonly name: string; readonly type: string; readonly value: string }[],
): readonly string[] {
  const entries = properties.flatMap(({ name, type, value }) => [name, type, value])
  return [String(properties.length), ...entries]
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const stderr = 'stderr' in error ? String(error.stderr).trim() : ''
  return stderr === '' ? error.message : stderr
}
