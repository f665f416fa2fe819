import { readFileSync } from 'node:fs'

/** Bit numbers of linux/capability.h. */
const bits = { CAP_SYS_RESOURCE: 24n } as const

/** Whether a process has a capability in effect, by the text of its /proc/PID/status. */
export function hasCapability(
  name: keyof typeof bits,
  status = readFileSync('/proc/self/status', 'utf8'),
): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'
  return ((BigInt(`0x${effective}`) >> bits[name]) & 1n) === 1n
}
