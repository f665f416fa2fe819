import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { terminationLog } from './container-files.ts'
import { messagePolicyAnnotation } from '../runtime/labels.ts'
import type { RuntimeContainerStatus } from '../runtime/runtime-container.ts'

const longestMessage = 4096
const longestLogTail = 2048
const mostLogLines = 80

/**
 * What a container that has ended left in its termination message file, the last 4096 bytes; with
 * policy `FallbackToLogsOnError` the end of its log, if it failed and left nothing.
 *
 * @see kubelet's getTerminationMessage.
 */
export function lastWords(podDir: string, status: RuntimeContainerStatus): string {
  const file = terminationLog(podDir, status.metadata.name, status.metadata.attempt)
  const words = readOrNothing(() => endOfFile(file, longestMessage))
  const policy = status.annotations[messagePolicyAnnotation]
  if (words !== '' || policy !== 'FallbackToLogsOnError' || status.exitCode === 0) return words
  return readOrNothing(() => endOfLog(status.logPath))
}

/** The last lines of a log in CRI's format (`TIME STREAM TAG TEXT`), as the container wrote them. */
function endOfLog(file: string): string {
  const text = endOfFile(file, 4 * longestLogTail)
    .split('\n')
    .flatMap((line) => {
      const entry = /^\S+ (?:stdout|stderr) (?<tag>[FP])\S* (?<text>.*)$/s.exec(line)?.groups
      return entry === undefined ? [] : [entry]
    })
    .slice(-mostLogLines)
    .map(({ tag, text }) => `${text}${tag === 'F' ? '\n' : ''}`)
    .join('')
  return Buffer.from(text).subarray(-longestLogTail).toString()
}

/** No more than that is read: a container may have written any amount. */
function endOfFile(file: string, bytes: number): string {
  const descriptor = openSync(file, 'r')
  try {
    const { size } = fstatSync(descriptor)
    const from = Math.max(0, size - bytes)
    const buffer = Buffer.alloc(size - from)
    const read = readSync(descriptor, buffer, 0, buffer.length, from)
    return buffer.subarray(0, read).toString()
  } finally {
    closeSync(descriptor)
  }
}

/** A container that was made elsewhere, or removed meanwhile, has no files here. */
function readOrNothing(read: () => string): string {
  try {
    return read()
  } catch {
    return ''
  }
}
