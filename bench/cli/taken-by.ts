import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

/** How a call of podfit went: milliseconds by the clock, and of CPU to hundredths of a second. */
export interface Taken {
  readonly wall: number
  readonly cpu: number
  readonly code: number
  readonly stdout: string
}

const podfit = join(import.meta.dirname, '../../bin/podfit')

/** Runs `podfit ARGS` as a user would; one at a time, since the CPU is that of all children. */
export async function takenBy(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Taken> {
  const [begun, before] = [performance.now(), childrenTicks()]
  const child = spawn(podfit, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [stdout, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
  const wall = performance.now() - begun
  return { wall, cpu: (childrenTicks() - before) * 10, code: Number(code), stdout }
}

/** CPU of the children that have ended, in hundredths of a second. */
function childrenTicks(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[13]) + Number(fields[14])
}
