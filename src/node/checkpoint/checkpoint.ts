import { closeSync, existsSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { Allocation } from '../../domain/resources/pod-resources.ts'
import type { Size } from '../../domain/resources/size.ts'
import type { Bytes } from '../../domain/units.ts'
import { requireKnownDatabase, stampDatabase } from '../../format/database-format.ts'
import { asStep, type OnStep } from '../as-step.ts'
import { Allocations } from './allocations.ts'
import { DamagedCheckpoint, isDamage, requireWhole } from './checkpoint-damage.ts'
import { ContainerMarks } from './container-marks.ts'
import { ContainerSizes } from './container-sizes.ts'
import { SoftLimits } from './soft-limits.ts'
import { commitWhole, type Remember } from './commit-whole.ts'

/** Of what is recorded. To be counted up when an older podfit would misread it. */
export const checkpointFormat = 1

/**
 * What the node has promised and done, by pod UID: the *allocated* resources
 * (admitted, reserved for the whole pod at once) and the *actuated* sizes (last
 * handed to the runtime successfully, by container name). KEP-1287 keeps the
 * same two in `allocated_pods_state` and `actuated_pods_state`.
 *
 * A write survives `kill -9` when it returns. It is not synced to the disk: at a
 * power loss the containers are gone too, and pods are admitted anew.
 */
export class Checkpoint implements Disposable {
  readonly #db: DatabaseSync
  readonly #onStep: OnStep
  readonly #allocated: Allocations
  readonly #actuated: ContainerSizes
  readonly #updating: ContainerSizes
  readonly #restarting: ContainerMarks
  readonly #starting: ContainerMarks
  readonly #softLimits: SoftLimits

  private constructor(db: DatabaseSync, onStep: OnStep) {
    this.#onStep = onStep
    this.#db = db
    requireWhole(db)
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    this.#allocated = new Allocations(db)
    this.#actuated = new ContainerSizes(db, 'actuated')
    this.#updating = new ContainerSizes(db, 'updating')
    this.#restarting = new ContainerMarks(db, 'restarting')
    this.#starting = new ContainerMarks(db, 'starting')
    this.#softLimits = new SoftLimits(db)
    stampDatabase(db, checkpointFormat)
  }

  /**
   * @param file `:memory:` for one that is in no file
   * @throws DamagedCheckpoint if the file is there and is no checkpoint (any more)
   * @throws NewerFormat
   * @throws Error with one line if it cannot be used for another reason
   */
  static open(file: string, onStep: OnStep = () => {}): Checkpoint {
    requireKnownDatabase(file, checkpointFormat)
    let db: DatabaseSync | undefined
    try {
      // Whoever may read it may lock it. The files beside it take over its mode.
      if (file !== ':memory:' && !existsSync(file)) closeSync(openSync(file, 'a', 0o600))
      db = new DatabaseSync(file)
      return new Checkpoint(db, onStep)
    } catch (cause) {
      db?.close()
      const reason = cause instanceof Error ? cause.message : String(cause)
      const message = `Cannot open ${file}: ${reason}`
      if (isDamage(cause)) throw new DamagedCheckpoint(message, { cause })
      throw new Error(`${message}; it holds the sizes that pods were promised`, { cause })
    }
  }

  /** Undefined for a pod that this node has not admitted. */
  allocated(uid: string): Allocation | undefined {
    return this.#allocated.of(uid)
  }

  /** What the containers of the pod had before that, all of them; undefined for their first size. */
  before(uid: string): Allocation | undefined {
    return this.#allocated.before(uid)
  }

  /** Sizes by container name; empty for a pod of which nothing was started. */
  actuated(uid: string): ReadonlyMap<string, Size> {
    return this.#actuated.of(uid)
  }

  /** Sizes of updates that were begun and not recorded as done, by container name. */
  updating(uid: string): ReadonlyMap<string, Size> {
    return this.#updating.of(uid)
  }

  /** Every pod that has an allocation. */
  pods(): readonly string[] {
    return this.#allocated.pods()
  }

  /** @param before what a resize that cannot be carried out goes back to. */
  allocate(uid: string, allocation: Allocation, before?: Allocation): void {
    this.#whole('node.allocated', () => [this.#allocated.set(uid, allocation, before)])
  }

  /**
   * Notes what containers are about to be given. Whatever becomes of the update, its
   * record tells that they may have any part of these sizes until one is actuated.
   */
  markUpdating(uid: string, sizes: ReadonlyMap<string, Size>): void {
    this.#whole('node.updating', () =>
      [...sizes].map(([container, size]) => {
        const before = this.updating(uid).get(container)
        return this.#updating.set(uid, container, larger(size, before))
      }),
    )
  }

  recordActuated(uid: string, container: string, size: Size): void {
    this.#whole('node.actuated', () => [
      this.#actuated.set(uid, container, size),
      this.#updating.delete(uid, container),
    ])
  }

  /** Ids of containers that are stopped only to start again with another size. */
  restarting(uid: string): ReadonlySet<string> {
    return this.#restarting.of(uid)
  }

  /** Marks a container before it is stopped, so that its next start is owed also after a crash. */
  markRestarting(uid: string, id: string): void {
    this.#whole('node.restarting', () => [this.#restarting.mark(uid, id)])
  }

  /** The container that replaces it has started. */
  unmarkRestarting(id: string): void {
    if (!this.#restarting.has(id)) return
    this.#whole('node.restarted', () => [this.#restarting.unmark(id)])
  }

  /** Whether the runtime was asked to start this container and has not answered. */
  isStarting(id: string): boolean {
    return this.#starting.has(id)
  }

  /**
   * Marks a container before it is started. Whoever asks for a start and goes away
   * breaks it off, and the runtime then tells of a container that failed.
   */
  markStarting(uid: string, id: string): void {
    this.#whole('node.starting', () => [this.#starting.mark(uid, id)])
  }

  /** The runtime has answered: what it says of the container is true. */
  unmarkStarting(id: string): void {
    this.#whole('node.started', () => [this.#starting.unmark(id)])
  }

  /**
   * Notes the soft limit of a cgroup while another one holds its usage down.
   *
   * @returns what it has to go back to: what there was before the first that is not released.
   */
  holdSoftLimit(path: string, before: Bytes | 'max'): Bytes | 'max' {
    return asStep(this.#onStep, 'node.held', () => this.#softLimits.hold(path, before))
  }

  releaseSoftLimit(path: string): void {
    asStep(this.#onStep, 'node.released', () => this.#softLimits.release(path))
  }

  /** What a crash has left held, by cgroup path: the soft limits to be put back. */
  heldSoftLimits(): ReadonlyMap<string, Bytes | 'max'> {
    return this.#softLimits.held()
  }

  forget(uid: string): void {
    const records = [
      this.#allocated,
      this.#actuated,
      this.#updating,
      this.#restarting,
      this.#starting,
    ]
    this.#whole('node.forgotten', () => records.map((record) => record.forget(uid)))
  }

  [Symbol.dispose](): void {
    this.#db.close()
  }

  #whole(step: string, write: () => readonly Remember[]): void {
    asStep(this.#onStep, step, () => commitWhole(this.#db, write))
  }
}

/** With the larger memory limit: an earlier update that failed may have raised it. */
function larger(size: Size, before: Size | undefined): Size {
  const isLarger = (before?.memoryLimit ?? 0) > (size.memoryLimit ?? Infinity)
  return before?.memoryLimit !== undefined && isLarger
    ? { ...size, memoryLimit: before.memoryLimit }
    : size
}
