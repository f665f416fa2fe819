import { basename } from 'node:path'
import { accounting, type UnitProperty } from '../../domain/cgroup/systemd-properties.ts'
import { asLongStep, type OnStep } from '../as-step.ts'

/** What the node asks of systemd where that owns the cgroups. */
export interface Units {
  start(unit: string, properties: readonly UnitProperty[]): Promise<void>
  set(unit: string, properties: readonly UnitProperty[]): Promise<void>
  stop(unit: string): Promise<void>
}

/**
 * Keeps systemd's picture of the node's slices in step with their files, which are
 * written first: what systemd writes later by itself is then the same. One call at a time
 * for each slice; what comes meanwhile goes together.
 */
export class Slices {
  readonly #units: Units
  readonly #onStep: OnStep
  readonly #onError: (unit: string, error: unknown) => void
  readonly #waiting = new Map<string, Map<string, UnitProperty>>()
  readonly #telling = new Map<string, Promise<void>>()

  constructor(units: Units, onStep: OnStep, onError: (unit: string, error: unknown) => void) {
    this.#units = units
    this.#onStep = onStep
    this.#onError = onError
  }

  /** Makes the slice of a cgroup, with the controllers that pods need. */
  async start(path: string, properties: readonly UnitProperty[]): Promise<void> {
    await asLongStep(this.#onStep, 'node.start-slice', () =>
      this.#units.start(basename(path), [...accounting, ...properties]),
    )
  }

  /** Tells systemd later; a failure is reported, and the next change tells it again. */
  tell(path: string, properties: readonly UnitProperty[]): void {
    const unit = basename(path)
    const waiting = this.#waiting.get(unit) ?? new Map<string, UnitProperty>()
    for (const property of properties) waiting.set(property.name, property)
    this.#waiting.set(unit, waiting)
    if (this.#telling.has(unit)) return
    const telling = this.#tellAll(unit).finally(() => this.#telling.delete(unit))
    this.#telling.set(unit, telling)
  }

  /** Whether systemd may still write to the files what it was told before. */
  isTelling(path: string): boolean {
    return this.#telling.has(basename(path))
  }

  /** Resolves when systemd knows all that it was told until now; its own writes are right then. */
  async told(path: string): Promise<void> {
    await this.#telling.get(basename(path))
  }

  async stop(path: string): Promise<void> {
    const unit = basename(path)
    this.#waiting.delete(unit)
    await this.#telling.get(unit)
    await asLongStep(this.#onStep, 'node.stop-slice', () => this.#units.stop(unit))
  }

  async #tellAll(unit: string): Promise<void> {
    for (;;) {
      const next = this.#waiting.get(unit)
      if (next === undefined) return
      this.#waiting.delete(unit)
      try {
        await asLongStep(this.#onStep, 'node.slice', () =>
          this.#units.set(unit, [...next.values()]),
        )
      } catch (error) {
        this.#onError(unit, error)
      }
    }
  }
}
