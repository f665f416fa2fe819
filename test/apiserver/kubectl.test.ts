import assert from 'node:assert/strict'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { createKubectl, type Kubectl, type KubectlVersion } from '../support/kubectl.ts'
import { waitUntil } from '../support/wait-until.ts'
import { HttpsApi } from './https-api.ts'
import { admin, podBody, podsPath } from './test-api.ts'

interface Pod {
  readonly metadata: {
    readonly uid: string
    readonly generation: number
    readonly labels?: Record<string, string>
  }
  readonly spec: {
    readonly containers: readonly {
      readonly resources: { readonly requests: Record<string, string> }
    }[]
  }
}

const versions: readonly KubectlVersion[] = ['1.32', '1.36']

for (const version of versions) {
  describe(`kubectl ${version}`, () => {
    let server: HttpsApi
    let kubectl: Kubectl

    before(async () => {
      server = await HttpsApi.start()
      kubectl = createKubectl(server.kubeconfig, version)
      await writeFile(join(server.directory, 'pod.json'), JSON.stringify(podBody('web')))
    })

    after(() => server[Symbol.asyncDispose]())

    const file = () => join(server.directory, 'pod.json')

    /** Reports the pod as running and ready, as a node would. */
    async function report(name: string): Promise<void> {
      const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }
      await server.api.fetch(
        new Request(`http://podfit${podsPath}/${name}/status`, {
          method: 'PATCH',
          headers: { 'content-type': 'application/strategic-merge-patch+json' },
          body: JSON.stringify({ status }),
        }),
        { user: admin },
      )
    }

    async function cpuOf(name: string): Promise<string | undefined> {
      const pod = await kubectl.get<Pod>(['pod', name])
      return pod.spec.containers[0]?.resources.requests['cpu']
    }

    it('creates, applies, diffs and applies again', async () => {
      assert.match(await kubectl.run(['create', '-f', file()]), /pod\/web created/)
      const again = await kubectl.try(['create', '-f', file()])
      assert.match(again.stderr, /\(AlreadyExists\)/)
      await kubectl.run(['delete', 'pod', 'web'])
      assert.match(await kubectl.run(['apply', '-f', file()]), /pod\/web created/)
      assert.match(await kubectl.run(['apply', '-f', file()]), /pod\/web unchanged/)
      const labelled = { ...podBody('web'), metadata: { name: 'web', labels: { a: 'b' } } }
      const input = JSON.stringify(labelled)
      const diff = await kubectl.try(['diff', '-f', '-'], { input })
      assert.equal(diff.code, 1, diff.stderr)
      assert.match(diff.stdout, /\+ {4}a: b/)
      assert.match(await kubectl.run(['apply', '-f', '-'], { input }), /pod\/web configured/)
    })

    it('refuses fields that do not exist', async () => {
      const input = JSON.stringify({ ...podBody('odd'), spec: { contaners: [] } })
      const { code, stderr } = await kubectl.try(['apply', '-f', '-'], { input })
      assert.equal(code, 1)
      assert.match(stderr, /unknown field "spec.contaners"/)
    })

    it('gets tables, wide ones, YAML, names and JSON paths', async () => {
      const table = await kubectl.run(['get', 'pods'])
      assert.match(table, /^NAME +READY +STATUS +RESTARTS +AGE\nweb +0\/1 +Pending/)
      assert.match(await kubectl.run(['get', 'po', '-A', '-o', 'wide']), /NODE +NOMINATED NODE/)
      assert.match(await kubectl.run(['get', 'pod/web', '-o', 'yaml']), /^kind: Pod$/m)
      assert.equal((await kubectl.run(['get', 'pods', '-o', 'name'])).trim(), 'pod/web')
      const path = ['get', 'pod', 'web', '-o', 'jsonpath={.status.qosClass}']
      assert.equal(await kubectl.run(path), 'Burstable')
      const missing = await kubectl.try(['get', 'pod', 'nobody'])
      assert.equal(missing.stderr.trim(), 'Error from server (NotFound): pods "nobody" not found')
    })

    it('describes and explains', async () => {
      assert.match(await kubectl.run(['describe', 'pod', 'web']), /QoS Class: +Burstable/)
      const policy = await kubectl.run(['explain', 'pod.spec.containers.resizePolicy'])
      assert.match(policy, /restartPolicy\t<string> -required-/)
      assert.match(await kubectl.run(['api-resources']), /pods +po +v1 +true +Pod/)
    })

    it('resizes with three types of patches, and tells why not', async () => {
      const resize = ['patch', 'pod', 'web', '--subresource', 'resize']
      const container = { name: 'main', resources: { requests: { cpu: '110m' } } }
      await kubectl.run([...resize, '-p', JSON.stringify({ spec: { containers: [container] } })])
      assert.equal(await cpuOf('web'), '110m')
      const path = '/spec/containers/0/resources/requests/cpu'
      const operations = JSON.stringify([{ op: 'replace', path, value: '120m' }])
      await kubectl.run([...resize, '--type', 'json', '-p', operations])
      assert.equal(await cpuOf('web'), '120m')
      const whole = {
        ...container,
        image: 'busybox:1',
        resources: {
          requests: { cpu: '130m', memory: '64Mi' },
          limits: { cpu: '200m', memory: '128Mi' },
        },
      }
      const merge = JSON.stringify({ spec: { containers: [whole] } })
      await kubectl.run([...resize, '--type', 'merge', '-p', merge])
      assert.equal(await cpuOf('web'), '130m')
      const over = JSON.stringify({
        spec: { containers: [{ ...container, resources: { requests: { cpu: '3' } } }] },
      })
      const refused = await kubectl.try([...resize, '-p', over])
      assert.equal(refused.code, 1)
      assert.equal(
        refused.stderr.trim(),
        'The Pod "web" is invalid: spec.containers[0].resources.requests: Invalid value: "3": must be less than or equal to cpu limit of 200m',
      )
    })

    it('edits the size in an editor', async () => {
      const editor = join(server.directory, 'editor')
      await writeFile(editor, '#!/bin/sh\nsed -i "s/cpu: 130m/cpu: 140m/" "$1"\n')
      await chmod(editor, 0o755)
      const env = { KUBE_EDITOR: editor }
      await kubectl.run(['edit', 'pod', 'web', '--subresource', 'resize'], { env })
      assert.equal(await cpuOf('web'), '140m')
    })

    it('labels and annotates without counting that as a change', async () => {
      const before = await kubectl.get<Pod>(['pod', 'web'])
      await kubectl.run(['label', 'pod', 'web', 'tier=front'])
      await kubectl.run(['annotate', 'pod', 'web', 'note=hello'])
      const after = await kubectl.get<Pod>(['pod', 'web'])
      assert.equal(after.metadata.labels?.['tier'], 'front')
      assert.equal(after.metadata.generation, before.metadata.generation)
      const selected = await kubectl.run(['get', 'pods', '-l', 'tier=front', '-o', 'name'])
      assert.equal(selected.trim(), 'pod/web')
    })

    it('waits and watches', async () => {
      const watching = kubectl.start(['get', 'pods', '-w'])
      let seen = ''
      watching.stdout.on('data', (chunk: Buffer) => {
        seen += chunk.toString()
      })
      try {
        await waitUntil('the first row', () => seen.includes('web'))
        const waiting = kubectl.run(['wait', 'pod/web', '--for=condition=Ready', '--timeout=60s'])
        await report('web')
        assert.match(await waiting, /pod\/web condition met/)
        await waitUntil('a row that says Running', () => seen.includes('Running'))
        assert.equal(seen.match(/^NAME/gm)?.length, 1)
      } finally {
        watching.kill()
      }
    })

    it('has events', async () => {
      const { uid } = (await kubectl.get<Pod>(['pod', 'web'])).metadata
      const involvedObject = {
        kind: 'Pod',
        name: 'web',
        namespace: 'default',
        apiVersion: 'v1',
        uid,
      }
      const at = new Date().toISOString().replace(/\.\d+/, '')
      const event = {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: 'web.1' },
        involvedObject,
        reason: 'ResizeStarted',
        message: 'it begins',
        type: 'Normal',
        source: { component: 'kubelet' },
        firstTimestamp: at,
        lastTimestamp: at,
        count: 1,
      }
      await kubectl.run(['create', '-f', '-'], { input: JSON.stringify(event) })
      assert.match(
        await kubectl.run(['get', 'events']),
        /Normal +ResizeStarted +pod\/web +it begins/,
      )
      assert.match(await kubectl.run(['events', '--for', 'pod/web']), /ResizeStarted/)
      assert.match(await kubectl.run(['describe', 'pod', 'web']), /ResizeStarted/)
    })

    it('removes pods, and namespaces with all in them', async () => {
      assert.match(await kubectl.run(['delete', 'pod', 'web']), /pod "web" deleted/)
      const team = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } }
      await kubectl.apply(team)
      await kubectl.run(['apply', '-n', 'team', '-f', file()])
      await kubectl.run(['delete', 'namespace', 'team'])
      const gone = await kubectl.try(['get', 'namespace', 'team'])
      assert.match(gone.stderr, /namespaces "team" not found/)
      assert.equal((await kubectl.try(['get', 'pod', '-n', 'team', 'web'])).code, 1)
    })

    it('met nothing that the server was surprised of', () => {
      assert.deepEqual(server.errors, [])
    })
  })
}
