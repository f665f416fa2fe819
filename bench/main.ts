/**
 * `npm run bench`: what podfit costs above the bare container runtime, on this
 * machine, in one run. A table on stderr, JSON on stdout. `--pods N` and
 * `--rounds N` change the sizes.
 */
import { parseArgs } from 'node:util'
import { pods } from '../src/kube/resource.ts'
import { kubectlProgram } from '../test/support/kubectl.ts'
import { startFixture } from './fixture.ts'
import { measureIdle } from './idle.ts'
import { measureManyResizes } from './many-resizes.ts'
import { measureApply, measureBareStarts } from './many-starts.ts'
import { measureOneResize } from './one-resize.ts'
import { measureUp } from './up.ts'
import { PodWatch } from './pod-watch.ts'
import { printReport } from './report.ts'

const { values } = parseArgs({
  options: {
    pods: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '60' },
  },
})
const names = Array.from({ length: Number(values.pods) }, (_, index) => `pod-${index}`)
const kubectl = kubectlProgram()

const up = await measureUp()
await using fixture = await startFixture()
const { podfit, client } = fixture
const oneResize = await measureOneResize(fixture, Number(values.rounds))
const bare = await measureBareStarts(fixture, names.length)
using watch = new PodWatch(client)
await watch.synced
const applied = await measureApply(fixture, watch, names, kubectl)
const idle = await measureIdle(podfit.pid, 20)
const manyResizes = await measureManyResizes(fixture, watch, names)
const report = {
  up,
  oneResize,
  manyStarts: { pods: names.length, bare, applied },
  manyResizes,
  idle,
}
printReport(report)
await Promise.all(names.map((name) => client.delete(pods, { namespace: 'default', name })))
