import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { pods } from '../../src/kube/object/resource.ts'
import { idle, LiveNode, isRunning } from '../e2e/live-node.ts'

const resources = {
  requests: { cpu: '100m', memory: '32Mi' },
  limits: { cpu: '200m', memory: '64Mi' },
}

/**
 * One call after the other, as somebody would make them, with how each has to end. ALL is the
 * CPU of the whole node.
 */
const calls: readonly (readonly [args: string, exit: number, says: RegExp])[] = [
  ['check --pre', 4, /pods can be resized in place here, with the reservations above/],
  ['plan web --cpu 150m:300m', 0, /verdict accepted now/],
  ['plan web --cpu 1000:1000', 3, /verdict infeasible/],
  [
    'resize web --pod-level --cpu 150m:300m',
    3,
    /drops a change of the pod's own size.* nothing was sent/s,
  ],
  ['resize web --cpu 150m:300m --dry-run=server', 0, /accepted by the API server \(dry run\)/],
  ['resize web --cpu 150m:300m', 0, /^done and verified: .* cpu 150m:300m/m],
  ['verify web', 0, /all five layers agree/],
  ['verify -A', 0, /all five layers agree/],
  ['get web -o wide', 0, /150m:300m/],
  ['top web', 0, /150m:300m/],
  ['why web', 0, /no resize waits/],
  ['history', 0, /100m:200m → 150m:300m/],
  ['undo', 0, /^done and verified: .* cpu 100m:200m/m],
  ['resize web --cpu ALL:ALL --timeout 3s', 3, /^deferred after \d+\.\d+ s: \w/m],
  ['why web', 4, /holds +default\/web-2 100m cpu, enough if it went/],
  ['verify web', 4, /RS101 The resize is deferred: \w/],
  ['undo', 0, /^done and verified: .* cpu 100m:200m/m],
  ['resize -l app=web --cpu +10%:+10% --wave 50%', 0, /2 of 2 pods have the new size/],
  ['undo', 0, /2 of 2 pods/],
  ['resize web --cpu 1000:1000', 3, /nothing was sent/],
  ['explain RS102', 0, /infeasible/],
  ['version', 0, /podfit/],
]

for (const version of ['1.27', '1.33'] as const) {
  describe(`every verb against Kubernetes ${version}`, () => {
    test('works from plan to undo', async () => {
      await using node = await LiveNode.start({ args: ['--kube-version', version] })
      for (const name of ['web', 'web-2']) {
        await node.client.create(pods, {
          metadata: { name, namespace: 'default', labels: { app: 'web' } },
          spec: { terminationGracePeriodSeconds: 1, containers: [idle('app', resources)] },
        })
      }
      for (const name of ['web', 'web-2'])
        await node.until(name, 'run', isRunning, { withinMs: 30_000 })
      const all = (await node.node()).status.allocatable['cpu'] ?? ''
      for (const [call, exit, says] of calls) {
        const line = call.replaceAll('ALL', all)
        const { code, stdout, stderr } = await node.podfit.podfit(line.split(' '))
        const said = `${stdout}${stderr}`
        assert.equal(code, exit, `podfit ${line}\n${said}`)
        assert.match(said, says, `podfit ${line}`)
      }
      // Until 1.34 no memory limit could become less without a restart; 1.27 did not say so.
      const more = await node.podfit.podfit(['resize', 'web', '--memory', '40Mi:80Mi'])
      assert.equal(more.code, 0, more.stderr)
      const back = await node.podfit.podfit(['undo'])
      assert.equal(back.code, version === '1.33' ? 3 : 0, back.stderr)
    })
  })
}
