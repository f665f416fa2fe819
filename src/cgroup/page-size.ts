import { readFileSync } from 'node:fs'

const wordSize = 8
/** AT_PAGESZ of linux/auxvec.h. */
const pageSizeTag = 6n

/** Bytes of a memory page here: 4096 nearly everywhere, 65536 on some arm64 and ppc64. Limits are whole pages. */
export function systemPageSize(): number {
  const vector = readFileSync('/proc/self/auxv')
  for (let at = 0; at + 2 * wordSize <= vector.length; at += 2 * wordSize) {
    if (vector.readBigUInt64LE(at) === pageSizeTag) {
      return Number(vector.readBigUInt64LE(at + wordSize))
    }
  }
  return 4096
}
