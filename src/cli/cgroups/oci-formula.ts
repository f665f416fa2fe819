import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import { promisify } from 'node:util'
import type { WeightFormula } from '../../domain/cgroup/cpu.ts'
import { formulaOfVersion } from '../../domain/cgroup/oci-runtime.ts'

/** An OCI runtime of this machine. */
interface Binary {
  readonly formula: WeightFormula | undefined
  /** Milliseconds since 1970: containers from before were made by another one. */
  readonly installedAt: number
}

/** By which formula a container got its weight. */
export type FormulaOf = (binary: string, startedAt: string) => Promise<WeightFormula | undefined>

/** Asks each binary once, by its `--version`. Only absolute paths: which `runc` a runtime means is its own affair. */
export function formulasOfBinaries(): FormulaOf {
  const known = new Map<string, Promise<Binary | undefined>>()
  return async (binary, startedAt) => {
    const asked = known.get(binary) ?? ask(binary)
    known.set(binary, asked)
    const found = await asked
    // After an upgrade, older containers keep their weights until they are resized.
    if (found === undefined || !(Date.parse(startedAt) > found.installedAt)) return undefined
    return found.formula
  }
}

async function ask(binary: string): Promise<Binary | undefined> {
  if (!binary.startsWith('/')) return undefined
  try {
    // The time of the inode: packages keep the times of their files.
    const installedAt = statSync(binary).ctimeMs
    const { stdout } = await promisify(execFile)(binary, ['--version'], { timeout: 1000 })
    return { formula: formulaOfVersion(stdout), installedAt }
  } catch {
    return undefined
  }
}
