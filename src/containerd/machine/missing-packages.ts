import { readFileSync } from 'node:fs'
import { ContainerdError } from '../containerd-error.ts'
import { findCniPlugins, findProgram } from './find-program.ts'

/** What a private runtime needs and this machine lacks. */
export interface MissingPackages {
  /** Debian's names. */
  readonly packages: readonly string[]
  /** The one command that installs them. */
  readonly command: string
}

/** What a private runtime needs, and what it is made of when everything is there. */
export interface RuntimePrograms {
  readonly containerd: string
  readonly ctr: string
  readonly runc: string
  readonly busybox: string
  readonly cniPlugins: string
}

/** The programs of a private runtime, or the packages that are missing. */
export function findRuntimePrograms():
  | { readonly kind: 'found'; readonly programs: RuntimePrograms }
  | { readonly kind: 'missing'; readonly missing: MissingPackages } {
  const containerd = findProgram('containerd')
  const ctr = findProgram('ctr')
  const runc = findProgram('runc')
  const cniPlugins = findCniPlugins()
  const busybox = findStaticBusybox()
  if (containerd && ctr && runc && cniPlugins && busybox) {
    return { kind: 'found', programs: { containerd, ctr, runc, busybox, cniPlugins } }
  }
  const packages = [
    ...(containerd && ctr ? [] : ['containerd']),
    ...(runc ? [] : ['runc']),
    ...(cniPlugins ? [] : ['containernetworking-plugins']),
    ...(busybox ? [] : ['busybox-static']),
  ]
  return {
    kind: 'missing',
    missing: { packages, command: `apt-get install -y ${packages.join(' ')}` },
  }
}

/**
 * The programs of a private runtime.
 *
 * @throws ContainerdError `missingPackages`, with the names and the command that installs them
 */
export function requirePrograms(): RuntimePrograms {
  const found = findRuntimePrograms()
  if (found.kind === 'found') return found.programs
  const { packages, command } = found.missing
  throw new ContainerdError(
    'missingPackages',
    'never',
    `Cannot run containers: missing ${packages.join(', ')}; install with: ${command}`,
  )
}

/** `busybox` of the package of that name needs a C library, which our images do not have. */
function findStaticBusybox(): string | undefined {
  const path = findProgram('busybox')
  return path !== undefined && isStatic(readFileSync(path)) ? path : undefined
}

/**
 * Whether an ELF file names no interpreter (program header PT_INTERP, 3).
 * Only 64-bit little-endian files are understood, which is what Node runs on.
 */
export function isStatic(elf: Buffer): boolean {
  const magic = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1])
  if (elf.length < 64 || !elf.subarray(0, 6).equals(magic)) return false
  const table = Number(elf.readBigUInt64LE(32))
  const size = elf.readUInt16LE(54)
  const count = elf.readUInt16LE(56)
  if (table + size * count > elf.length) return false
  const types = Array.from({ length: count }, (_, index) => elf.readUInt32LE(table + size * index))
  return !types.includes(3)
}
