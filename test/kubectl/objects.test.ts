import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Kubectl } from '../support/kubectl.ts'
import { startPodfit, type PodfitProcess } from '../support/podfit-process.ts'
import { slowness, waitUntil } from '../support/wait-until.ts'
import { kubectlIn, kubectlVersions } from './web-pod.ts'

interface Stored {
  readonly metadata: { readonly name: string; readonly resourceVersion: string }
  readonly [field: string]: unknown
}

/** What `kubectl create` makes by itself; newer ones send protobuf. */
const created: readonly (readonly [kind: string, name: string, ...args: readonly string[]])[] = [
  ['configmap', 'settings', '--from-literal=a=b', '--from-literal=empty='],
  ['secret', 'key', '--from-literal=password=geheim'],
  ['serviceaccount', 'robot'],
  ['service', 'front', '--tcp=80:8080'],
  ['quota', 'share', '--hard=pods=10,requests.cpu=4'],
]

/** The word between `create` and the name, where there is one more. */
const flavours: Readonly<Record<string, readonly string[]>> = {
  secret: ['generic'],
  service: ['clusterip'],
}

const list = {
  apiVersion: 'v1',
  kind: 'List',
  items: [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one' }, data: { a: '1' } },
    {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'bounds' },
      spec: { limits: [{ type: 'Container', max: { cpu: 2 } }] },
    },
    {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'turn' },
      spec: { holderIdentity: 'me', leaseDurationSeconds: 5 },
    },
  ],
}

let podfit: PodfitProcess

/** The API does not differ with the cgroup version, and kubectl takes seconds in the guest. */
const skip = slowness > 1

before(async () => {
  if (skip) return
  podfit = await startPodfit()
})

after(async () => {
  if (skip) return
  await podfit[Symbol.asyncDispose]()
})

for (const version of kubectlVersions) {
  describe(`kubectl ${version} and objects`, { skip }, () => {
    let kubectl: Kubectl
    const suffix = version.replace('.', '')

    before(async () => {
      kubectl = await kubectlIn(podfit.kubeconfig, version, `objects-${suffix}`)
    })

    it('is that version, or newer where Debian has gone on', async (context) => {
      const text = await kubectl.run(['version', '--client', '-o', 'json'])
      const { clientVersion } = JSON.parse(text) as { clientVersion: { gitVersion: string } }
      const [, found] = /^v1\.(\d+)\./.exec(clientVersion.gitVersion) ?? []
      context.diagnostic(`kubectl ${version} is ${clientVersion.gitVersion}`)
      // Debian's trixie keeps its version, sid does not.
      if (version === '1.32') assert.equal(found, '32')
      else assert.ok(Number(found) >= 36, clientVersion.gitVersion)
    })

    it('creates from files what it has no command for', async () => {
      const name = `made-${suffix}`
      const create = (body: object) =>
        kubectl.run(['create', '-f', '-'], { input: JSON.stringify(body) })
      const namespace = `objects-${suffix}`
      const about = { kind: 'ConfigMap', name: 'one', namespace }
      await create({ apiVersion: 'v1', kind: 'Node', metadata: { name } })
      assert.match(await kubectl.run(['delete', 'node', name]), /deleted/)
      const reason = 'Told'
      const event = { apiVersion: 'v1', kind: 'Event', metadata: { name } }
      await create({ ...event, involvedObject: about, reason, message: 'core', type: 'Normal' })
      await create({
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { name: `${name}-2` },
        regarding: about,
        eventTime: '2026-01-02T03:04:05.000006Z',
        reportingController: 'example.org/test',
        reportingInstance: 'test',
        action: 'Testing',
        reason,
        note: 'newer',
        type: 'Normal',
      })
      const told = await kubectl.run(['get', 'events', '--field-selector=reason=Told'])
      assert.match(told, /core/)
      assert.match(told, /newer/)
    })

    it('creates every kind that it has a command for', async () => {
      for (const [kind, name, ...args] of created) {
        await kubectl.run(['create', kind, ...(flavours[kind] ?? []), name, ...args])
        const again = await kubectl.try(['create', kind, ...(flavours[kind] ?? []), name, ...args])
        assert.match(again.stderr, /already exists/)
      }
      const map = await kubectl.get<Stored>(['configmap', 'settings'])
      assert.deepEqual(map['data'], { a: 'b', empty: '' })
      const secret = await kubectl.get<Stored>(['secret', 'key'])
      assert.deepEqual(secret['data'], { password: Buffer.from('geheim').toString('base64') })
      const service = await kubectl.get<{ spec: { ports: unknown } }>(['service', 'front'])
      const ports = [{ name: '80-8080', port: 80, protocol: 'TCP', targetPort: 8080 }]
      assert.deepEqual(service.spec.ports, ports)
      const name = `urgent-${suffix}`
      await kubectl.run(['create', 'priorityclass', name, '--value=1000', '--description=now'])
      assert.equal((await kubectl.get<Stored>(['priorityclass', name]))['value'], 1000)
      assert.match(await kubectl.run(['describe', 'quota', 'share']), /pods +0 +10/)
    })

    it('asks who it is, what it may, and for a token', async () => {
      assert.match(await kubectl.run(['auth', 'whoami']), /podfit-admin/)
      assert.equal((await kubectl.run(['auth', 'can-i', 'create', 'pods'])).trim(), 'yes')
      assert.match(await kubectl.run(['auth', 'can-i', '--list']), /\*\.\*/)
      const token = (await kubectl.run(['create', 'token', 'robot', '--duration=1h'])).trim()
      const claims = JSON.parse(
        Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
      ) as Record<string, unknown>
      assert.equal(claims['sub'], `system:serviceaccount:objects-${suffix}:robot`)
    })

    it('applies a list, and again what it got', async () => {
      const applied = await kubectl.apply(list)
      assert.match(applied, /configmap\/one created\nlimitrange\/bounds created\nlease.*created/)
      // Its list is replaced whole, and the server's defaults are not in the file.
      assert.match(
        await kubectl.apply(list),
        /one unchanged\n.*bounds configured\n.*turn unchanged/,
      )
      const kinds = ['configmap/one', 'limitrange/bounds', 'lease/turn']
      const got = await kubectl.run(['get', ...kinds, '-o', 'yaml'])
      assert.match(await kubectl.apply(got), /turn configured/)
      assert.equal((await kubectl.try(['diff', '-f', '-'], { input: got })).code, 0)
      const bounds = await kubectl.get<{ spec: unknown }>(['limitrange', 'bounds'])
      const max = { cpu: '2' }
      assert.deepEqual(bounds.spec, {
        limits: [{ type: 'Container', max, default: max, defaultRequest: max }],
      })
    })

    it('checks the fields of a list before it sends it', async () => {
      const [first, ...others] = list.items
      const wrong = { ...list, items: [{ ...first, dat: {} }, ...others] }
      const { code, stderr } = await kubectl.try(['apply', '-f', '-'], {
        input: JSON.stringify(wrong),
      })
      assert.equal(code, 1)
      assert.match(stderr, /unknown field "dat" in io\.k8s\.api\.core\.v1\.ConfigMap/)
    })

    it('shows objects in every way it knows', async () => {
      const get = (...args: string[]) => kubectl.run(['get', 'configmap', 'one', ...args])
      assert.match(await get(), /^NAME +DATA +AGE\none +1 /)
      assert.match(await get('-o', 'wide'), /^NAME +DATA +AGE\none +1 /)
      assert.match(await get('-o', 'yaml'), /^kind: ConfigMap$/m)
      assert.equal((JSON.parse(await get('-o', 'json')) as Stored).metadata.name, 'one')
      assert.equal(await get('-o', 'name'), 'configmap/one\n')
      assert.equal(await get('-o', 'jsonpath={.data.a}'), '1')
      assert.equal(await get('-o', 'go-template={{.data.a}}'), '1')
      assert.equal(
        await get('-o', 'custom-columns=N:.metadata.name,A:.data.a'),
        'N     A\none   1\n',
      )
      assert.match(await get('--show-labels'), /LABELS\none .*<none>/)
      const sorted = await kubectl.run(['get', 'cm', '-o', 'name', '--sort-by={.metadata.name}'])
      assert.equal(sorted, 'configmap/kube-root-ca.crt\nconfigmap/one\nconfigmap/settings\n')
      const all = await kubectl.run(['get', 'all,cm,sa,quota,limits,secrets,lease'])
      for (const name of ['service/front', 'configmap/one', 'serviceaccount/default']) {
        assert.ok(all.includes(name), name)
      }
      const names = await kubectl.run(['get', 'cm', '-A', '--field-selector=metadata.name=one'])
      assert.match(names, new RegExp(`objects-${suffix} +one`))
      assert.match(await kubectl.run(['describe', 'configmap', 'one']), /Name: +one\n/)
      assert.match(await kubectl.run(['describe', 'service', 'front']), /TargetPort: +8080\/TCP/)
      assert.match(await kubectl.run(['describe', 'limits', 'bounds']), /Container +cpu +- +2 /)
      assert.match(await kubectl.run(['describe', 'secret', 'key']), /password: +6 bytes/)
    })

    it('labels, annotates and patches in three ways', async () => {
      await kubectl.run(['label', 'cm', 'one', 'tier=front'])
      await kubectl.run(['annotate', 'cm', 'one', 'note=hello'])
      assert.equal((await kubectl.try(['label', 'cm', 'one', 'tier=back'])).code, 1)
      await kubectl.run(['label', 'cm', 'one', 'tier=back', '--overwrite'])
      const patch = (...args: string[]) => kubectl.run(['patch', 'cm', 'one', ...args])
      await patch('-p', '{"data":{"b":"2"}}')
      await patch('--type=merge', '-p', '{"data":{"a":null}}')
      await patch('--type=json', '-p', '[{"op":"add","path":"/data/c","value":"3"}]')
      const { data } = await kubectl.get<Stored>(['cm', 'one'])
      assert.deepEqual(data, { b: '2', c: '3' })
      const back = ['get', 'cm', '-l', 'tier in (back, side)', '-o', 'name']
      assert.equal(await kubectl.run(back), 'configmap/one\n')
      await kubectl.run(['label', 'cm', 'one', 'tier-'])
      assert.equal((await kubectl.run(back)).trim(), '')
    })

    it('edits, replaces and makes nothing in a dry run', async () => {
      const env = { KUBE_EDITOR: 'sed -i "s/b: .2./b: edited/"' }
      assert.match(await kubectl.run(['edit', 'cm', 'one'], { env }), /configmap\/one edited/)
      const one = await kubectl.get<Stored>(['cm', 'one'])
      assert.deepEqual(one['data'], { b: 'edited', c: '3' })
      const old = JSON.stringify({ ...one, metadata: { ...one.metadata, resourceVersion: '1' } })
      const stale = await kubectl.try(['replace', '-f', '-'], { input: old })
      assert.match(stale.stderr, /\(Conflict\).*the object has been modified/)
      const input = JSON.stringify({ ...one, data: { d: '4' } })
      await kubectl.run(['replace', '-f', '-'], { input })
      const dry = ['create', 'configmap', 'never', '--dry-run=server', '-o', 'name']
      assert.equal(await kubectl.run(dry), 'configmap/never\n')
      assert.equal((await kubectl.try(['get', 'cm', 'never'])).code, 1)
    })

    it('waits for what is removed, by name, label or all of it', async () => {
      const gone = kubectl.run(['wait', '--for=delete', 'cm/one', '--timeout=60s'])
      await kubectl.run(['delete', 'cm', 'one'])
      await gone
      for (const name of ['x', 'y', 'z']) await kubectl.run(['create', 'configmap', name])
      await kubectl.run(['label', 'cm', 'x', 'gone=yes'])
      assert.match(await kubectl.run(['delete', 'cm', '-l', 'gone=yes']), /configmap "x" deleted/)
      await kubectl.run(['delete', 'cm', '--all'])
      const left = () => kubectl.run(['get', 'cm', '-o', 'name'])
      await waitUntil('kube-root-ca.crt to come back', left, (names) => names.includes('kube-root'))
      assert.equal(await left(), 'configmap/kube-root-ca.crt\n')
      await kubectl.run(['delete', 'limits', 'bounds', '--now'])
      assert.equal((await kubectl.try(['delete', 'limits', 'bounds'])).code, 1)
      await kubectl.run(['delete', 'limits', 'bounds', '--ignore-not-found'])
    })

    it('watches', async () => {
      const watching = kubectl.start(['get', 'cm', '-w', '-o', 'name'])
      let seen = ''
      watching.stdout.on('data', (chunk: Buffer) => {
        seen += chunk.toString()
      })
      try {
        await waitUntil('what is there', () => seen.includes('kube-root'))
        await kubectl.run(['create', 'configmap', 'watched'])
        await kubectl.run(['delete', 'configmap', 'watched'])
        await waitUntil('both changes', () => seen.split('watched').length === 3)
      } finally {
        watching.kill()
      }
    })

    it('learns what is served, and explains it', async () => {
      const resources = await kubectl.run(['api-resources'])
      for (const row of [/^pods +po +v1 +true +Pod$/m, /^leases +coordination/m, /NodeMetrics/]) {
        assert.match(resources, row)
      }
      const verbs = await kubectl.run(['api-resources', '--api-group=', '-o', 'wide'])
      assert.match(
        verbs,
        /^pods .*create,delete,deletecollection,get,list,patch,update,watch +all/m,
      )
      assert.match(await kubectl.run(['api-versions']), /^coordination\.k8s\.io\/v1$/m)
      assert.match(await kubectl.run(['version']), /Server Version: v1\.36/)
      assert.match(await kubectl.run(['cluster-info']), /control plane.* is running at/)
      const explain = (path: string) => kubectl.run(['explain', path])
      assert.match(
        await explain('pod.spec.containers.resizePolicy'),
        /restartPolicy\t<string> -req/,
      )
      assert.match(
        await explain('limitrange.spec.limits'),
        /defaultRequest\t<map\[string\]Quantity>/,
      )
      assert.match(await explain('lease.spec'), /holderIdentity\t<string>/)
      const rollout = await kubectl.try(['rollout', 'status', 'deployment/x'])
      assert.match(rollout.stderr, /the server doesn't have a resource type "deployment"/)
    })

    it('removes a namespace with all that is in it', async () => {
      const name = `short-${suffix}`
      await kubectl.run(['create', 'namespace', name])
      await kubectl.run(['create', 'configmap', 'inside', '-n', name])
      await kubectl.run(['delete', 'namespace', name])
      const { stderr } = await kubectl.try(['get', 'cm', 'inside', '-n', name])
      assert.match(stderr, /not found/)
    })
  })
}
