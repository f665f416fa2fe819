import { execFile } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { UnitProperty } from '../domain/cgroup/systemd-properties.ts'
import { parseUnitState, unitPath, untilActive } from './unit-state.ts'

const run = promisify(execFile)
const timeoutMs = 30_000
const pollMs = 20

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
  /** Makes the slice and those above it, with their cgroups; one that is there gets the properties. */
  start(unit: string, properties: readonly UnitProperty[]): Promise<void>
  /** Changes a slice until the next boot. */
  set(unit: string, properties: readonly UnitProperty[]): Promise<void>
  /** Ends the slice with everything in it; none is fine. */
  stop(unit: string): Promise<void>
}

/**
 * systemd by its own client of D-Bus, `busctl`, which is wherever systemd is. A call takes
 * 5 ms, so it is for what happens once for a pod or a resize. systemd answers when a job is
 * queued; `busctl` cannot wait for the signal of its end, so the unit is looked at until then.
 *
 * @see org.freedesktop.systemd1(5)
 */
export function openSystemdUnits(): SystemdUnits {
  return {
    async start(unit, properties) {
      try {
        await startSlice(unit, properties)
        await untilStarted(unit)
      } catch (error) {
        throw new SystemdError('start', unit, error)
      }
    },
    async set(unit, properties) {
      try {
        await setProperties(unit, properties)
      } catch (error) {
        throw new SystemdError('change', unit, error)
      }
    },
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

async function startSlice(unit: string, properties: readonly UnitProperty[]): Promise<void> {
  const all = [...properties, { name: 'DefaultDependencies', type: 'b', value: 'false' }]
  try {
    await call('StartTransientUnit', 'ssa(sv)a(sa(sv))', [unit, 'replace', ...array(all), '0'])
  } catch (error) {
    if (!/already (?:exists|loaded)|UnitExists/i.test(textOf(error))) throw error
    await setProperties(unit, properties)
    await call('StartUnit', 'ss', [unit, 'replace'])
  }
}

async function setProperties(unit: string, properties: readonly UnitProperty[]): Promise<void> {
  if (properties.length === 0) return
  await call('SetUnitProperties', 'sba(sv)', [unit, 'true', ...array(properties)])
}

/** Resolves when the slice is active: it has its cgroup then. */
async function untilStarted(unit: string): Promise<void> {
  const place = ['org.freedesktop.systemd1', unitPath(unit), 'org.freedesktop.systemd1.Unit']
  const properties = ['--json=short', 'get-property', ...place, 'ActiveState', 'Job']
  const begun = performance.now()
  await untilActive(
    async () => parseUnitState(await busctl(properties)),
    async () => {
      await setTimeout(pollMs)
      return Math.round(performance.now() - begun)
    },
    timeoutMs,
  )
}

async function call(method: string, signature: string, values: readonly string[]): Promise<void> {
  const manager = ['org.freedesktop.systemd1', '/org/freedesktop/systemd1']
  const place = [...manager, 'org.freedesktop.systemd1.Manager']
  await busctl(['--quiet', 'call', ...place, method, signature, ...values])
}

async function busctl(args: readonly string[]): Promise<string> {
  const { stdout } = await run('busctl', ['--system', ...args], { timeout: timeoutMs })
  return stdout
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
