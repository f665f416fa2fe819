/**
 * `npm run bench`: what podfit costs above the bare container runtime and the bare disk,
 * on this machine, in one run. A table on stderr, JSON on stdout. `--only node`, `api` or
 * `cli` measures one part; `--pods N` and `--rounds N` change the sizes of the node's.
 */
import { parseArgs } from 'node:util'
import { apiLines } from './api/api-report.ts'
import { measureApi } from './api/measure-api.ts'
import { cliLines } from './cli/cli-report.ts'
import { measureCli } from './cli/measure-cli.ts'
import { describeMachine, machineLine } from './machine.ts'
import { measureNode } from './measure-node.ts'
import { nodeLines } from './node-report.ts'
import { printReport } from './table.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    pods: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '150' },
  },
})
const parts = ['node', 'api', 'cli'] as const
const { only } = values
if (only !== undefined && !parts.some((part) => part === only)) {
  throw new RangeError(`Cannot measure only ${JSON.stringify(only)}: there are ${parts.join(', ')}`)
}
const wanted = (part: (typeof parts)[number]) => only === undefined || only === part

const machine = describeMachine()
const node = wanted('node')
  ? await measureNode(Number(values.pods), Number(values.rounds))
  : undefined
const api = wanted('api') ? await measureApi() : undefined
const cli = wanted('cli') ? await measureCli(1000) : undefined
const lines = [
  machineLine(machine),
  '',
  ...(node === undefined ? [] : [...nodeLines(node), '']),
  ...(api === undefined ? [] : [...apiLines(api), '']),
  ...(cli === undefined ? [] : cliLines(cli)),
]
const report = { machine, ...node, ...(api && { api }), ...(cli && { cli }) }
printReport(lines, report)
