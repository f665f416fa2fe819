import { exitCodes } from './exit-codes.ts'
import { runProgram } from './program.ts'

const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (interruption.signal.aborted) process.exit(exitCodes.interrupted)
    interruption.abort()
  })
}

// `podfit verify | head -1` closes the pipe early: that is no failure, and no verdict.
let isClosed = false
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') {
    isClosed = true
    return
  }
  process.stderr.write(`podfit: Cannot write the output: ${error.message}\n`)
  process.exit(exitCodes.error)
})

// Whoever read the progress may be gone, which does not stop the work.
process.stderr.on('error', () => {})

const exit = await runProgram(process.argv.slice(2), {
  stdout: {
    write: (text) => process.stdout.write(text),
    get isTTY() {
      return process.stdout.isTTY
    },
    get columns() {
      return process.stdout.columns
    },
    get isClosed() {
      return isClosed
    },
  },
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  signal: interruption.signal,
})
// A pipe takes 64 KiB at once: what waits for its reader would be lost.
for (const sink of [process.stdout, process.stderr]) {
  await new Promise((resolve) => sink.write('', resolve))
}
process.exit(exit)
