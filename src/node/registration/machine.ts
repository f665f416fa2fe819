import { readFileSync, statfsSync } from 'node:fs'
import { arch, cpus, hostname, networkInterfaces, release, totalmem } from 'node:os'
import { type Bytes, bytes, type MilliCpu, milliCpu } from '../../domain/units.ts'

/** What this machine has and is, for the node object. */
export interface Machine {
  readonly hostname: string
  readonly cpu: MilliCpu
  readonly memory: Bytes
  readonly swap: Bytes
  readonly disk: Bytes
  readonly address: string
  readonly architecture: string
  readonly kernelVersion: string
  readonly osImage: string
  readonly machineId: string
  readonly bootId: string
  /** Whether the kernel enforces AppArmor profiles. */
  readonly appArmor: boolean
}

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/** `dataDir` names the disk whose size counts as ephemeral storage. */
export function readMachine(dataDir: string): Machine {
  const disk = statfsSync(dataDir)
  return {
    hostname: hostname().toLowerCase(),
    cpu: milliCpu(cpus().length * 1000),
    memory: bytes(totalmem()),
    swap: bytes(swapTotal()),
    disk: bytes(disk.blocks * disk.bsize),
    address: firstAddress(),
    architecture: architectures[arch()] ?? arch(),
    kernelVersion: release(),
    osImage: osImage(),
    machineId: firstLine('/etc/machine-id'),
    bootId: firstLine('/proc/sys/kernel/random/boot_id'),
    appArmor: firstLine('/sys/module/apparmor/parameters/enabled') === 'Y',
  }
}

function swapTotal(): number {
  const total = /^SwapTotal: +(?<kib>\d+) kB$/m.exec(readOrEmpty('/proc/meminfo'))
  return Number(total?.groups?.['kib'] ?? 0) * 1024
}

/** The machine's first IPv4 address that is not loopback; loopback where it has no other. */
function firstAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((one) => one ?? [])
  const outside = addresses.find(({ family, internal }) => family === 'IPv4' && !internal)
  return outside?.address ?? '127.0.0.1'
}

function osImage(): string {
  const name = /^PRETTY_NAME="?(?<name>[^"\n]*)"?$/m.exec(readOrEmpty('/etc/os-release'))
  return name?.groups?.['name'] ?? 'Linux'
}

function firstLine(file: string): string {
  return readOrEmpty(file).split('\n', 1)[0] ?? ''
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // A machine without this file is still a node; the field stays empty.
    return ''
  }
}
