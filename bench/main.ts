/**
 * `npm run bench`: what podfit costs above the bare container runtime and the bare disk,
 * on this machine, in one run. A table on stderr, JSON on stdout. `--only node` or
 * `--only api` measures one part; `--pods N` and `--rounds N` change the sizes of the node's.
 */
import { parseArgs } from 'node:util'
import { apiLines } from './api/api-report.ts'
import { measureApi } from './api/measure-api.ts'
import { measureNode } from './measure-node.ts'
import { nodeLines } from './node-report.ts'
import { printReport } from './table.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    pods: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '60' },
  },
})
const { only } = values
if (only !== undefined && only !== 'node' && only !== 'api') {
  throw new RangeError(`Cannot measure only ${JSON.stringify(only)}: there are node and api`)
}

const node =
  only === 'api' ? undefined : await measureNode(Number(values.pods), Number(values.rounds))
const api = only === 'node' ? undefined : await measureApi()
const lines = [
  ...(node === undefined ? [] : [...nodeLines(node), '']),
  ...(api === undefined ? [] : apiLines(api)),
]
printReport(lines, { ...node, ...(api === undefined ? {} : { api }) })
