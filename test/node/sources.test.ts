import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Pod } from '../../src/domain/pod.ts'
import { createKubectl, type Kubectl } from '../support/kubectl.ts'
import { type PodfitProcess, startPodfit } from '../support/podfit-process.ts'
import { TestRegistry } from '../support/test-registry.ts'
import { waitUntil } from '../support/wait-until.ts'
import { isSettled } from '../e2e/live-node.ts'
import { eventsOf, getPod, idle, podWith, runningPod, waitingReason } from './pods.ts'

describe('what a container is given', () => {
  let podfit: PodfitProcess
  let kubectl: Kubectl

  before(async () => {
    podfit = await startPodfit()
    kubectl = createKubectl(podfit.kubeconfig)
  })
  after(() => podfit[Symbol.asyncDispose]())

  const sh = (pod: string, script: string): Promise<string> =>
    kubectl.run(['exec', pod, '--', 'sh', '-c', script])

  test('environment from ConfigMaps, Secrets, fields and resources', async () => {
    await kubectl.run(['create', 'configmap', 'colours', '--from-literal=sky=blue'])
    await kubectl.run(['create', 'secret', 'generic', 'keys', '--from-literal=door=1234'])
    await kubectl.apply(
      podWith('env', {
        ...idle,
        resources: { requests: { cpu: '150m' }, limits: { cpu: '1200m', memory: '64Mi' } },
        envFrom: [{ prefix: 'C_', configMapRef: { name: 'colours' } }],
        env: [
          { name: 'SKY', valueFrom: { configMapKeyRef: { name: 'colours', key: 'sky' } } },
          { name: 'DOOR', valueFrom: { secretKeyRef: { name: 'keys', key: 'door' } } },
          {
            name: 'NONE',
            valueFrom: { secretKeyRef: { name: 'none', key: 'x', optional: true } },
          },
          { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
          { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
          {
            name: 'MEMORY',
            valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } },
          },
          { name: 'BOTH', value: '$(SKY)-$(C_sky)' },
        ],
      }),
    )
    const pod = await runningPod(kubectl, 'env')
    assert.equal(
      await sh('env', 'echo $SKY,$DOOR,${NONE-unset},$NAME,$IP,$CPU,$MEMORY,$BOTH'),
      `blue,1234,unset,env,${pod.status?.podIP},2,64,blue-blue\n`,
    )
  })

  test('a missing reference holds the container up until it appears', async () => {
    await kubectl.apply(
      podWith('late', {
        ...idle,
        env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'later', key: 'x' } } }],
      }),
    )
    const { message } = await waitUntil(
      'the missing ConfigMap to be told',
      () => waitingReason(kubectl, 'late'),
      (waiting) => waiting.reason === 'CreateContainerConfigError',
    )
    assert.equal(message, 'configmap "later" not found')
    await waitUntil(
      'an event to tell of it',
      () => eventsOf(kubectl, 'late'),
      (all) => all.some((one) => one.reason === 'Failed' && one.message === `Error: ${message}`),
    )
    await kubectl.run(['create', 'configmap', 'later', '--from-literal=x=here'])
    await runningPod(kubectl, 'late')
    assert.equal(await sh('late', 'echo $X'), 'here\n')
  })

  test('files of ConfigMaps and Secrets, and their changes', async () => {
    await kubectl.run(['create', 'configmap', 'files', '--from-literal=a=1', '--from-literal=b=2'])
    await kubectl.run(['create', 'secret', 'generic', 'hidden', '--from-literal=s=3'])
    const pod = podWith('files', {
      ...idle,
      volumeMounts: [
        { name: 'map', mountPath: '/map' },
        { name: 'secret', mountPath: '/secret' },
        { name: 'all', mountPath: '/all' },
        { name: 'map', mountPath: '/one', subPath: 'a' },
      ],
    })
    await kubectl.apply({
      ...pod,
      spec: {
        ...pod.spec,
        volumes: [
          { name: 'map', configMap: { name: 'files' } },
          { name: 'secret', secret: { secretName: 'hidden', defaultMode: 0o400 } },
          {
            name: 'all',
            projected: {
              sources: [
                { configMap: { name: 'files', items: [{ key: 'b', path: 'deep/b' }] } },
                { secret: { name: 'hidden' } },
                { secret: { name: 'nothing', optional: true } },
              ],
            },
          },
        ],
      },
    })
    await runningPod(kubectl, 'files')
    assert.equal(await sh('files', 'cat /map/a /map/b /secret/s /all/deep/b /all/s /one'), '123231')
    assert.equal(await sh('files', 'stat -Lc %a /secret/s /map/a'), '400\n644\n')
    const writes = 'for to in /map/a /map/x /secret/s /all/x /one; do touch $to 2>&1; done; true'
    const refused = await sh('files', writes)
    assert.equal(refused.match(/Read-only file system/g)?.length, 5, refused)
    const patch = JSON.stringify({ data: { a: '7', b: null, c: '9' } })
    await kubectl.run(['patch', 'configmap', 'files', '--type=merge', '-p', patch])
    await waitUntil(
      'the files to follow the ConfigMap',
      () => sh('files', 'cd /map; ls; cat a; cat /one'),
      (text) => text === 'a\nc\n71',
    )
  })

  test('downward API files follow labels and a resize', async () => {
    const pod = podWith('downward', {
      ...idle,
      resources: { requests: { cpu: '100m' }, limits: { cpu: '200m' } },
      volumeMounts: [{ name: 'me', mountPath: '/me' }],
    })
    const items = [
      { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
      {
        path: 'cpu',
        resourceFieldRef: { containerName: 'main', resource: 'limits.cpu', divisor: '1m' },
      },
    ]
    await kubectl.apply({
      ...pod,
      spec: { ...pod.spec, volumes: [{ name: 'me', downwardAPI: { items } }] },
    })
    await runningPod(kubectl, 'downward')
    await kubectl.run(['label', 'pod', 'downward', 'tier=front'])
    const container = { name: 'main', resources: { limits: { cpu: '300m' } } }
    await kubectl.run([
      'patch',
      'pod',
      'downward',
      '--subresource=resize',
      `--patch=${JSON.stringify({ spec: { containers: [container] } })}`,
    ])
    await waitUntil(
      'the files to follow',
      () => sh('downward', 'cat /me/labels; echo; cat /me/cpu'),
      (text) => text === 'tier="front"\n300',
    )
  })

  test('emptyDir in memory and below a subPath, owned by the group of the pod', async () => {
    const pod = podWith('dirs', {
      ...idle,
      securityContext: { runAsUser: 1234 },
      volumeMounts: [
        { name: 'memory', mountPath: '/memory' },
        { name: 'disk', mountPath: '/disk' },
        { name: 'disk', mountPath: '/part', subPath: 'x/y' },
      ],
    })
    await kubectl.apply({
      ...pod,
      spec: {
        ...pod.spec,
        securityContext: { fsGroup: 4321 },
        volumes: [
          { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '4Mi' } },
          { name: 'disk', emptyDir: {} },
        ],
      },
    })
    await runningPod(kubectl, 'dirs')
    assert.equal(
      await sh('dirs', "df -m /memory | tail -1 | awk '{print $1, $2}'; id -u; id -G"),
      'tmpfs 4\n1234\n0 4321\n',
    )
    assert.equal(
      await sh('dirs', 'echo hi > /part/f; cat /disk/x/y/f; stat -c %g /disk /memory /part/f'),
      'hi\n4321\n4321\n4321\n',
    )
    await kubectl.run(['delete', 'pod', 'dirs', '--grace-period=0', '--force'])
  })

  test('a volume without its source is told, and mounted when the source appears', async () => {
    const pod = podWith('mount', {
      ...idle,
      resources: { requests: { cpu: '10m' } },
      volumeMounts: [{ name: 'map', mountPath: '/map' }],
    })
    const volumes = [{ name: 'map', configMap: { name: 'missing' } }]
    await kubectl.apply({ ...pod, spec: { ...pod.spec, volumes } })
    await waitUntil(
      'the missing source to be told',
      () => eventsOf(kubectl, 'mount'),
      (all) =>
        all.some(
          ({ reason, message }) =>
            reason === 'FailedMount' &&
            message === 'MountVolume.SetUp failed for volume "map" : configmap "missing" not found',
        ),
    )
    await waitUntil(
      'the container to be shown as waiting',
      () => waitingReason(kubectl, 'mount'),
      ({ reason }) => reason === 'ContainerCreating',
    )
    // What does not run yet has its new size as soon as that is promised.
    const resources = { requests: { cpu: '20m' } }
    const patch = JSON.stringify({ spec: { containers: [{ name: 'main', resources }] } })
    await kubectl.run(['patch', 'pod', 'mount', '--subresource=resize', '-p', patch])
    await waitUntil('the resize to be over', () => getPod(kubectl, 'mount'), isSettled)
    await kubectl.run(['create', 'configmap', 'missing', '--from-literal=x=found'])
    await runningPod(kubectl, 'mount')
    assert.equal(await sh('mount', 'cat /map/x'), 'found')
  })

  test('a part of a host path, and nothing of it is removed with the pod', async () => {
    const path = mkdtempSync(join(tmpdir(), 'podfit-host-'))
    mkdirSync(join(path, 'a'))
    writeFileSync(join(path, 'a/file'), 'kept')
    const pod = podWith('host', {
      ...idle,
      env: [{ name: 'PART', value: 'a' }],
      volumeMounts: [
        { name: 'host', mountPath: '/part', subPathExpr: '$(PART)' },
        { name: 'host', mountPath: '/one', subPath: 'a/file', readOnly: true },
      ],
    })
    const volumes = [{ name: 'host', hostPath: { path, type: 'Directory' } }]
    await kubectl.apply({ ...pod, spec: { ...pod.spec, volumes } })
    await runningPod(kubectl, 'host')
    assert.equal(
      await sh('host', 'cat /part/file /one; touch /one 2>/dev/null || echo -ro'),
      'keptkept-ro\n',
    )
    await kubectl.run(['delete', 'pod', 'host'])
    assert.equal(readFileSync(join(path, 'a/file'), 'utf8'), 'kept')
    rmSync(path, { recursive: true })
  })

  test('a token of the service account, bound to the pod', async () => {
    const pod = podWith('token', {
      ...idle,
      volumeMounts: [{ name: 'token', mountPath: '/token' }],
    })
    const token = { path: 'token', audience: 'somebody', expirationSeconds: 600 }
    const sources = [{ serviceAccountToken: token }]
    await kubectl.apply({
      ...pod,
      spec: { ...pod.spec, volumes: [{ name: 'token', projected: { sources } }] },
    })
    const { metadata } = await runningPod(kubectl, 'token')
    const [, claims = ''] = (await sh('token', 'cat /token/token')).split('.')
    const told = JSON.parse(Buffer.from(claims, 'base64url').toString()) as {
      aud: readonly string[]
      'kubernetes.io': { pod: { uid: string } }
    }
    assert.deepEqual(told.aud, ['somebody'])
    assert.equal(told['kubernetes.io'].pod.uid, metadata.uid)
  })

  test('a link out of a volume is not followed', async () => {
    const pod = podWith('escape', {
      ...idle,
      volumeMounts: [{ name: 'disk', mountPath: '/out', subPath: 'link/secret' }],
    })
    const planter = {
      name: 'plant',
      image: 'busybox',
      command: ['sh', '-c', 'ln -s /etc /disk/link'],
      volumeMounts: [{ name: 'disk', mountPath: '/disk' }],
    }
    await kubectl.apply({
      ...pod,
      spec: {
        ...pod.spec,
        initContainers: [planter],
        volumes: [{ name: 'disk', emptyDir: {} }],
      },
    })
    await waitUntil(
      'the link to be refused',
      () => waitingReason(kubectl, 'escape'),
      (waiting) => waiting.message?.includes('is not within its volume') === true,
    )
  })

  describe('images from a registry', () => {
    let registry: TestRegistry
    before(async () => (registry = await TestRegistry.start()))
    after(() => registry[Symbol.asyncDispose]())

    function pulling(
      name: string,
      image: string,
      imagePullPolicy?: string,
      imagePullSecrets: readonly { readonly name: string }[] = [],
    ): Pod {
      const container = { ...idle, image: `${registry.host}/${image}` }
      const pod = podWith(name, { ...container, ...(imagePullPolicy && { imagePullPolicy }) })
      return { ...pod, spec: { ...pod.spec, imagePullSecrets } }
    }

    test('are pulled as the policy says', async () => {
      await kubectl.apply(pulling('unknown', 'open/app:1', 'Never'))
      await waitUntil(
        'the image to be missing',
        () => waitingReason(kubectl, 'unknown'),
        ({ reason }) => reason === 'ErrImageNeverPull',
      )
      assert.equal(registry.resolved('open/app', '1'), 0)
      await kubectl.apply(pulling('first', 'open/app:1'))
      const { status } = await runningPod(kubectl, 'first')
      const [container] = status?.containerStatuses ?? []
      assert.equal(container?.image, `${registry.host}/open/app:1`)
      assert.match(container?.imageID ?? '', /\/open\/app@sha256:[0-9a-f]{64}$/)
      const pulls = registry.resolved('open/app', '1')
      assert.ok(pulls > 0)
      await kubectl.apply(pulling('second', 'open/app:1', 'IfNotPresent'))
      await kubectl.apply(pulling('third', 'open/app:1', 'Never'))
      await Promise.all(['second', 'third'].map((name) => runningPod(kubectl, name)))
      assert.equal(registry.resolved('open/app', '1'), pulls)
      await kubectl.apply(pulling('fourth', 'open/app:1', 'Always'))
      await runningPod(kubectl, 'fourth')
      assert.ok(registry.resolved('open/app', '1') > pulls)
      const told = await waitUntil(
        'the pull to be told',
        () => eventsOf(kubectl, 'fourth'),
        (all) => all.some(({ reason }) => reason === 'Pulled'),
      )
      const message = told.find(({ reason }) => reason === 'Pulled')?.message ?? ''
      assert.match(message, /^Successfully pulled image ".*" in \d+ms\. Image size: \d+ bytes\.$/)
    })

    test('keep no pod from leaving while they are waited for', async () => {
      await kubectl.apply(pulling('stuck', 'silent/app:1'))
      await waitUntil('the image to be asked for', () => registry.resolved('silent/app', '1') > 0)
      await kubectl.run(['delete', 'pod', 'stuck', '--timeout=60s'])
    })

    test("are pulled with the pod's secrets", async () => {
      await kubectl.apply(pulling('nobody', 'private/app:1', 'Always', [{ name: 'none' }]))
      const { message } = await waitUntil(
        'the pull to be refused',
        () => waitingReason(kubectl, 'nobody'),
        // The first is there until the pod is looked at again, which may be at once.
        ({ reason }) => reason === 'ErrImagePull' || reason === 'ImagePullBackOff',
      )
      assert.match(message ?? '', /failed to pull image .*(401|authorization)/)
      await waitUntil(
        'the missing secret to be told',
        () => eventsOf(kubectl, 'nobody'),
        (all) => all.some(({ reason }) => reason === 'FailedToRetrieveImagePullSecret'),
      )
      const { username, password } = registry.login
      await kubectl.run([
        'create',
        'secret',
        'docker-registry',
        'login',
        `--docker-server=${registry.host}`,
        `--docker-username=${username}`,
        `--docker-password=${password}`,
      ])
      await kubectl.apply(pulling('somebody', 'private/app:1', 'Always', [{ name: 'login' }]))
      await runningPod(kubectl, 'somebody')
    })
  })
})
