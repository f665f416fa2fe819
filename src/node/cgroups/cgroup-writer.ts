import { compareUnified, type FileDifference } from '../../domain/cgroup/compare-unified.ts'
import type { CgroupKnobs } from '../../domain/cgroup/knobs.ts'
import type { UnifiedFiles } from '../../domain/cgroup/memory-qos.ts'
import {
  roundedForSystemd,
  sliceProperties,
  unifiedProperties,
} from '../../domain/cgroup/systemd-properties.ts'
import type { Cgroups } from './cgroups.ts'
import type { Slices } from './slices.ts'

export interface CgroupWriterOptions {
  readonly cgroups: Cgroups
  /** Where systemd owns the cgroups. */
  readonly slices?: Slices
}

/** Makes and changes the cgroups that are the node's own, and keeps systemd's picture of them. */
export class CgroupWriter {
  readonly #options: CgroupWriterOptions
  /** Of which systemd has heard all from this podfit. */
  readonly #assured = new Set<string>()

  constructor(options: CgroupWriterOptions) {
    this.#options = options
  }

  /** Harmless if it is there. */
  async create(path: string, knobs: CgroupKnobs): Promise<void> {
    const { cgroups, slices } = this.#options
    await slices?.start(path, sliceProperties(cgroups.version, knobs))
    this.#assured.add(path)
    cgroups.create(path)
    cgroups.write(path, this.rounded(knobs))
  }

  /** The files say it at once; systemd is told what it would write. */
  write(path: string, knobs: CgroupKnobs): void {
    this.#options.cgroups.write(path, this.rounded(knobs))
    this.tell(path, knobs)
  }

  /** Tells systemd alone. */
  tell(path: string, knobs: CgroupKnobs): void {
    const { cgroups, slices } = this.#options
    slices?.tell(path, sliceProperties(cgroups.version, knobs))
  }

  /** Tells systemd once what an earlier podfit wrote, and may have died before it could tell. */
  assure(path: string, knobs: CgroupKnobs): void {
    if (this.#assured.has(path)) return
    this.#assured.add(path)
    this.tell(path, knobs)
  }

  /** Its cgroup is to go. */
  forget(path: string): void {
    this.#assured.delete(path)
  }

  /** Writes files of cgroup v2 beyond limit and CPU. */
  protect(path: string, files: UnifiedFiles): void {
    const { cgroups, slices } = this.#options
    cgroups.writeUnified(path, files)
    slices?.tell(path, unifiedProperties(files))
  }

  /** Whether the files say what was written, and not for a moment what systemd knew before. */
  isSettled(path: string): boolean {
    return this.#options.slices?.isTelling(path) !== true
  }

  /** Resolves when the files say what was written, and go on doing so; at once without systemd. */
  async settled(path: string): Promise<void> {
    await this.#options.slices?.told(path)
  }

  /** As systemd would write them. */
  rounded(knobs: CgroupKnobs): CgroupKnobs {
    return this.#options.slices === undefined ? knobs : roundedForSystemd(knobs)
  }

  /** What others have changed of files that `protect` or a runtime has written. */
  fileDrift(path: string, wanted: UnifiedFiles): readonly FileDifference[] {
    const { cgroups } = this.#options
    return compareUnified(wanted, cgroups.readUnified(path, Object.keys(wanted)))
  }
}
