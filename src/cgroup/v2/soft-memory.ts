import type { SoftMemory } from '../../domain/cgroup/memory-qos.ts'
import { bytes, type Bytes } from '../../domain/units.ts'
import { CgroupError, errnoOf } from '../cgroup-error.ts'
import type { CgroupFiles } from '../cgroup-files.ts'
import { countIn } from '../file-text.ts'

/** The kernel answers EAGAIN when less came back than was asked for: that is no failure here. */
export async function reclaim(files: CgroupFiles, dir: string, amount: Bytes): Promise<boolean> {
  try {
    await files.writeSlow(dir, 'memory.reclaim', `${amount}`)
    return true
  } catch (error) {
    if (!(error instanceof CgroupError)) throw error
    const errno = errnoOf(error.cause)
    if (errno === 'EAGAIN' || errno === 'EINTR') return true
    if (error.code === 'noFile') return false
    throw error
  }
}

export function readMemoryHigh(files: CgroupFiles, dir: string): Bytes | 'max' {
  return amountIn(files.read(dir, 'memory.high'))
}

function amountIn(text: string): Bytes | 'max' {
  return text === 'max' ? 'max' : bytes(countIn(text))
}

/** Files that are not there are left out. */
export function readSoftMemory(files: CgroupFiles, dir: string): SoftMemory {
  const amounts = (['min', 'low', 'high'] as const).flatMap((name) => {
    const text = files.readIfThere(dir, `memory.${name}`)
    return text === undefined ? [] : [[name, amountIn(text)] as const]
  })
  return Object.fromEntries(amounts)
}
