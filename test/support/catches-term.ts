import { readFileSync } from 'node:fs'

const sigterm = 15n

/**
 * Whether a process has a handler for SIGTERM. Until it has set one, the first process of a
 * container ignores that signal, and is killed when its grace is over.
 */
export function catchesTerm(pid: number): boolean {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mask = /^SigCgt:\s+(?<mask>[0-9a-f]+)$/m.exec(status)?.groups?.['mask'] ?? '0'
  return ((BigInt(`0x${mask}`) >> (sigterm - 1n)) & 1n) === 1n
}
