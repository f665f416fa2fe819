import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Pod } from '../../src/domain/pod.ts'
import type { Kubectl } from '../support/kubectl.ts'
import { startPodfit, type PodfitProcess } from '../support/podfit-process.ts'
import { slowness, waitUntil } from '../support/wait-until.ts'
import { kubectlIn, kubectlVersions, webPod } from './web-pod.ts'

let podfit: PodfitProcess
let directory: string

/** Other tests look at the node in the guest, where each call of kubectl takes a second. */
const skip = slowness > 1

before(async () => {
  if (skip) return
  podfit = await startPodfit()
  directory = await mkdtemp(join(tmpdir(), 'podfit-kubectl-'))
})

after(async () => {
  if (skip) return
  await podfit[Symbol.asyncDispose]()
  await rm(directory, { recursive: true, force: true })
})

for (const version of kubectlVersions) {
  describe(`kubectl ${version} and pods`, { skip }, () => {
    let kubectl: Kubectl

    before(async () => {
      kubectl = await kubectlIn(podfit.kubeconfig, version, `pods-${version.replace('.', '')}`)
      await kubectl.apply(webPod('web'))
    })

    /** A command that goes on until it is disposed of; `until` gives what it has printed by then. */
    function startPrinting(...args: readonly string[]) {
      const child = kubectl.start(args)
      let seen = ''
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk: Buffer) => (seen += chunk.toString()))
      }
      const until = async (enough: RegExp): Promise<string> => {
        await waitUntil(`${args.join(' ')} to print ${enough}`, () => enough.test(seen))
        return seen
      }
      return { until, [Symbol.dispose]: () => void child.kill() }
    }

    /** Events are written beside the status. */
    async function untilTold(reason: string): Promise<void> {
      const told = () => kubectl.run(['events', '--for', 'pod/web'])
      const row = new RegExp(`Normal +${reason} +Pod/web`)
      await waitUntil(`event ${reason}`, told, (text) => row.test(text))
    }

    const cpu = async () => {
      const { spec } = await kubectl.get<Pod>(['pod', 'web'])
      return spec.containers[0]?.resources?.requests?.['cpu']
    }

    it('waits for it, by condition and by JSON path', async () => {
      await kubectl.run(['wait', 'pod/web', '--for=condition=Ready', '--timeout=60s'])
      const path = '--for=jsonpath={.status.phase}=Running'
      assert.match(await kubectl.run(['wait', 'pod/web', path]), /condition met/)
      const never = ['wait', 'pod/web', '--for=condition=Ready=false', '--timeout=1s']
      assert.match((await kubectl.try(never)).stderr, /timed out waiting/)
    })

    it('shows it, in a table and in words', async () => {
      const table = await kubectl.run(['get', 'pods', '-o', 'wide'])
      assert.match(
        table,
        /^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS/,
      )
      assert.match(table, /\nweb +1\/1 +Running +0 +\S+ +\d+\.\d+\.\d+\.\d+ /)
      const words = await waitUntil(
        'the event to be told',
        () => kubectl.run(['describe', 'pod', 'web']),
        (text) => /Scheduled .*Successfully assign/.test(text),
      )
      for (const part of [/QoS Class: +Burstable/, /cpu: +100m/]) assert.match(words, part)
      assert.match(await kubectl.run(['describe', 'nodes']), / web +100m \(/)
      assert.match(await kubectl.run(['get', 'nodes', '-o', 'wide']), /Ready .*containerd:/)
    })

    it('tells its events', async () => {
      for (const reason of ['Scheduled', 'Pulled', 'Created', 'Started']) await untilTold(reason)
      const newer = await kubectl.run(['get', 'events.v1.events.k8s.io'])
      assert.match(newer, /Normal +Scheduled +pod\/web +Successfully assigned/)
      const started = ['get', 'events', '--field-selector', 'reason=Started', '-o', 'name']
      assert.match(await kubectl.run(started), /^event\/web\.\w+\n$/)
    })

    it('reads its log: the end of it, since, with times, and on', async () => {
      const logs = (...args: string[]) => kubectl.run(['logs', 'web', ...args])
      await waitUntil('two lines', logs, (text) => text.startsWith('line 1\nline 2\n'))
      assert.match(await logs('--tail=2'), /^line \d+\nline \d+\n$/)
      assert.match(await logs('--tail=1', '--timestamps'), /^20\S+Z line \d+\n$/)
      assert.equal(await logs('--limit-bytes=6'), 'line 1')
      await waitUntil('lines of more than a second', logs, (text) => text.includes('line 25\n'))
      assert.doesNotMatch(await logs('--since=1s'), /line 1\n/)
      assert.match(await kubectl.run(['logs', '-l', 'app=web', '--tail=1']), /^line \d+\n$/)
      using following = startPrinting('logs', '-f', 'web', '--tail=1')
      assert.match(await following.until(/line \d+\nline/), /^line \d+\nline/)
      const previous = await kubectl.try(['logs', 'web', '--previous'])
      assert.match(previous.stderr, /previous terminated container "main" in pod "web" not found/)
    })

    it('runs commands in it, with input, both outputs and the exit code', async () => {
      const script = 'cat; echo err >&2; exit 3'
      const args = ['exec', '-i', 'web', '-c', 'main', '--', 'sh', '-c', script]
      for (const webSockets of ['true', 'false']) {
        const env = { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: webSockets }
        const { code, stdout, stderr } = await kubectl.try(args, { input: 'in\n', env })
        assert.equal(code, 3)
        assert.equal(stdout, 'in\n')
        assert.match(stderr, /^err\ncommand terminated with exit code 3\n$/)
      }
      const missing = await kubectl.try(['exec', 'web', '--', '/no/such'])
      assert.ok(missing.code > 0)
      assert.match(missing.stderr, /no such file or directory/)
    })

    it('copies files in and out, and leaves their bytes alone', async () => {
      const [there, back] = [join(directory, `in-${version}`), join(directory, `out-${version}`)]
      const bytes = crypto.getRandomValues(new Uint8Array(60_000))
      await writeFile(there, bytes)
      await kubectl.run(['cp', there, 'web:/tmp/copied'])
      await kubectl.run(['cp', 'web:/tmp/copied', back])
      assert.deepEqual(new Uint8Array(await readFile(back)), bytes)
    })

    it('attaches to it', async () => {
      using attached = startPrinting('attach', 'web')
      await attached.until(/line \d+\nline/)
    })

    for (const webSockets of ['true', 'false']) {
      it(`forwards a port to it, by WebSockets: ${webSockets}`, async () => {
        const env = { KUBECTL_PORT_FORWARD_WEBSOCKETS: webSockets }
        const forwarding = kubectl.start(['port-forward', 'pod/web', ':8080'], env)
        try {
          const [chunk] = (await once(forwarding.stdout, 'data')) as [Buffer]
          const [, port] = /127\.0\.0\.1:(\d+) -> 8080/.exec(chunk.toString()) ?? []
          for (let time = 0; time < 3; time += 1) {
            const response = await fetch(`http://127.0.0.1:${port}/`)
            assert.equal(await response.text(), 'hello from web\n')
          }
        } finally {
          forwarding.kill()
        }
      })
    }

    it('resizes it with patches of three types', async () => {
      const resize = (...args: string[]) => {
        return kubectl.run(['patch', 'pod', 'web', '--subresource=resize', ...args])
      }
      const resources = { requests: { cpu: '110m' } }
      await resize('-p', JSON.stringify({ spec: { containers: [{ name: 'main', resources }] } }))
      assert.equal(await cpu(), '110m')
      const path = '/spec/containers/0/resources/requests/cpu'
      await resize('--type=json', '-p', JSON.stringify([{ op: 'replace', path, value: '120m' }]))
      assert.equal(await cpu(), '120m')
      const { spec } = await kubectl.get<Pod>(['pod', 'web', '--subresource=resize'])
      const [main] = spec.containers
      const requests = { cpu: '130m', memory: '32Mi' }
      const containers = [{ ...main, resources: { ...main?.resources, requests } }]
      await resize('--type=merge', '-p', JSON.stringify({ spec: { containers } }))
      assert.equal(await cpu(), '130m')
      const settled = ({ status }: Pod) =>
        status?.containerStatuses?.[0]?.resources?.requests?.['cpu'] === '130m'
      await waitUntil('the new size', () => kubectl.get<Pod>(['pod', 'web']), settled)
      await untilTold('ResizeCompleted')
    })

    it('edits its size', async () => {
      // The spec comes first. In the status nothing may be edited: 1.32 compares by types of its
      // own, which have no status.resources.
      const env = { KUBE_EDITOR: 'sed -i "0,/cpu: 130m/s//cpu: 140m/"' }
      await kubectl.run(['edit', 'pod', 'web', '--subresource=resize'], { env })
      assert.equal(await cpu(), '140m')
    })

    it('refuses a resize by apply', async () => {
      const pod = webPod('web')
      const [main] = pod.spec.containers
      const containers = [{ ...main, resources: { requests: { cpu: '1m' } } }]
      const input = JSON.stringify({ ...pod, spec: { ...pod.spec, containers } })
      const { stderr } = await kubectl.try(['apply', '-f', '-'], { input })
      assert.match(stderr, /spec: Forbidden: pod updates may not change fields other than/)
    })

    it('tells what it uses', async () => {
      const top = () => kubectl.run(['top', 'pod', '--containers', '--no-headers'])
      assert.match(await waitUntil('usage', top), /^web +main +\d+m +\d+Mi/)
      assert.match(await kubectl.run(['top', 'node', '--no-headers']), /\d+m +\d+% +\d+Mi +\d+%/)
    })

    it('watches it come and go', async () => {
      using watching = startPrinting('get', 'pods', '-w')
      // What is there already shows that it watches.
      await watching.until(/^web/m)
      await kubectl.run(['run', 'short', '--image=busybox', '--restart=Never', '--', 'true'])
      const seen = await watching.until(/short.*Completed/)
      assert.equal(seen.match(/^NAME/gm)?.length, 1)
      assert.match(seen, /short +0\/1 +(Pending|ContainerCreating)/)
      assert.match(await kubectl.run(['delete', 'pod', 'short']), /pod "short" deleted/)
    })

    it('has the log of the container before, after a new image', async () => {
      await kubectl.run(['set', 'image', 'pod/web', 'main=docker.io/library/busybox:latest'])
      const previous = () => kubectl.run(['logs', 'web', '--previous', '--tail=1'])
      assert.match(await waitUntil('the log', previous, Boolean, { withinMs: 30_000 }), /line/)
    })

    it('deletes: by label with a grace period, by force, all', async () => {
      for (const name of ['a', 'b', 'c']) await kubectl.apply(webPod(name, { set: name }))
      await kubectl.run(['wait', 'pod', '-l', 'set', '--for=condition=Ready', '--timeout=60s'])
      const left = async () => (await kubectl.run(['get', 'pods', '-o', 'name'])).trim().split('\n')
      await kubectl.run(['delete', 'pods', '-l', 'set=a', '--grace-period=5'])
      assert.deepEqual(await left(), ['pod/b', 'pod/c', 'pod/web'])
      await kubectl.run(['delete', 'pod', 'b', '--grace-period=0', '--force'])
      assert.deepEqual(await left(), ['pod/c', 'pod/web'])
      const gone = kubectl.run(['wait', '--for=delete', 'pod/web', '--timeout=60s'])
      await kubectl.run(['delete', 'pods', '--all'])
      await gone
      assert.deepEqual(await left(), [''])
    })
  })
}
