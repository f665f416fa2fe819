import { parseArgs } from 'node:util'
import { runDemo } from './demo/run-demo.ts'

const usage = `npm run demo            runs the main job on this machine, in under a minute, and cleans up
npm run demo -- --keep  leaves it running afterwards and says how to use kubectl with it
`

/** Exit code for a command line that is wrong, as podfit's own verbs have it. */
const usageError = 2

interface Flags {
  readonly keep?: boolean | undefined
  readonly help?: boolean | undefined
}

function flagsOf(args: readonly string[]): Flags | Error {
  const options = { keep: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

async function main(flags: Flags | Error): Promise<number> {
  if (flags instanceof Error) {
    process.stderr.write(`demo: ${flags.message}\n${usage}`)
    return usageError
  }
  if (flags.help !== true) return runDemo({ keep: flags.keep === true })
  process.stdout.write(usage)
  return 0
}

process.exit(await main(flagsOf(process.argv.slice(2))))
