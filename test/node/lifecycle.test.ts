import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { openCgroupTree } from '../../src/cgroup/open-cgroup-tree.ts'
import type { Container, Pod } from '../../src/domain/pod.ts'
import { createKubectl, type Kubectl } from '../support/kubectl.ts'
import { type PodfitProcess, startPodfit } from '../support/podfit-process.ts'
import { waitUntil } from '../support/wait-until.ts'
import { eventsOf, getPod, idle, podWith, runningPod } from './pods.ts'

/** Writes when it starts and when it is told to stop to a file that outlives it. */
function diarist(name: string, part: Partial<Container> = {}): Container {
  const script = `echo ${name} starts >> /diary/log
    trap "echo ${name} stops >> /diary/log; exit 0" TERM
    while :; do sleep 1000 & wait; done`
  return {
    name,
    image: 'busybox',
    command: ['sh', '-c', script],
    volumeMounts: [{ name: 'diary', mountPath: '/diary' }],
    ...part,
  }
}

describe("a pod's life", () => {
  let podfit: PodfitProcess
  let kubectl: Kubectl

  before(async () => {
    podfit = await startPodfit()
    kubectl = createKubectl(podfit.kubeconfig)
  })
  after(() => podfit[Symbol.asyncDispose]())

  const sh = (pod: string, script: string, container = 'main'): Promise<string> =>
    kubectl.run(['exec', pod, '-c', container, '--', 'sh', '-c', script])
  const seen = (name: string, what: string, holds: (pod: Pod) => boolean): Promise<Pod> =>
    waitUntil(`pod ${name} ${what}`, () => getPod(kubectl, name), holds, {
      withinMs: 30_000,
      everyMs: 100,
    })
  const told = (name: string, reason: string, message: RegExp | string = /./) =>
    waitUntil(
      `event ${reason} of pod ${name}`,
      () => eventsOf(kubectl, name),
      (all) =>
        all.some(
          (one) =>
            one.reason === reason &&
            (typeof message === 'string' ? one.message === message : message.test(one.message)),
        ),
    )

  test('sidecars start before and stop after the others, each when its turn has come', async () => {
    const diary = `/tmp/podfit-diary-${process.pid}`
    const pod = podWith('order', diarist('main'))
    const startupProbe = {
      exec: { command: ['grep', '-q', 'first ready', '/diary/log'] },
      periodSeconds: 1,
      failureThreshold: 60,
    }
    const first = diarist('first', { restartPolicy: 'Always', startupProbe })
    const once = {
      ...diarist('once'),
      command: ['sh', '-c', 'echo once runs >> /diary/log'],
    }
    await kubectl.apply({
      ...pod,
      spec: {
        ...pod.spec,
        terminationGracePeriodSeconds: 10,
        initContainers: [first, once, diarist('second', { restartPolicy: 'Always' })],
        volumes: [{ name: 'diary', hostPath: { path: diary, type: 'DirectoryOrCreate' } }],
      },
    })
    await seen(
      'order',
      'to run its first sidecar',
      ({ status }) => status?.initContainerStatuses?.[0]?.state?.running !== undefined,
    )
    const waiting = await getPod(kubectl, 'order')
    assert.equal(waiting.status?.initContainerStatuses?.[0]?.started, false)
    assert.equal(
      waiting.status?.initContainerStatuses?.[1]?.state?.waiting?.reason,
      'PodInitializing',
    )
    await sh('order', 'echo first ready >> /diary/log', 'first')
    await runningPod(kubectl, 'order')
    await kubectl.apply({
      ...podWith('reader', idle),
      spec: {
        ...podWith('reader', { ...idle, volumeMounts: [{ name: 'diary', mountPath: '/diary' }] })
          .spec,
        volumes: [{ name: 'diary', hostPath: { path: diary } }],
      },
    })
    await runningPod(kubectl, 'reader')
    await kubectl.run(['delete', 'pod', 'order'])
    const log = await sh('reader', 'cat /diary/log; rm -r /diary/*')
    rmSync(diary, { recursive: true })
    assert.deepEqual(log.trim().split('\n'), [
      'first starts',
      'first ready',
      'once runs',
      'second starts',
      'main starts',
      'main stops',
      'second stops',
      'first stops',
    ])
  })

  test('hooks run after the start and before the stop', async () => {
    const pod = podWith('hooks', {
      ...idle,
      lifecycle: {
        postStart: { exec: { command: ['sh', '-c', 'echo started > /tmp/hook'] } },
        preStop: { sleep: { seconds: 2 } },
      },
    })
    await kubectl.apply({ ...pod, spec: { ...pod.spec, terminationGracePeriodSeconds: 20 } })
    await runningPod(kubectl, 'hooks')
    assert.equal(await sh('hooks', 'cat /tmp/hook'), 'started\n')
    const began = performance.now()
    await kubectl.run(['delete', 'pod', 'hooks'])
    assert.ok(performance.now() - began > 2000)
  })

  test('a preStop hook that fails is told and holds nothing up', async () => {
    const preStop = { exec: { command: ['sh', '-c', 'echo not now; exit 9'] } }
    const pod = podWith('badstop', { ...idle, lifecycle: { preStop } })
    // It fails by itself, and is not ended for its time.
    await kubectl.apply({ ...pod, spec: { ...pod.spec, terminationGracePeriodSeconds: 60 } })
    await runningPod(kubectl, 'badstop')
    await kubectl.run(['delete', 'pod', 'badstop'])
    await told('badstop', 'FailedPreStopHook', /exited with 9: not now/)
  })

  test('who deletes again with less grace need not wait', async () => {
    const stubborn = { ...idle, command: ['sh', '-c', 'trap "" TERM; while :; do sleep 1; done'] }
    const pod = podWith('stubborn', stubborn)
    await kubectl.apply({ ...pod, spec: { ...pod.spec, terminationGracePeriodSeconds: 600 } })
    await runningPod(kubectl, 'stubborn')
    await kubectl.run(['delete', 'pod', 'stubborn', '--wait=false'])
    await told('stubborn', 'Killing', 'Stopping container main')
    await seen('stubborn', 'to be known to end', ({ metadata, status }) => {
      return metadata.generation === 2 && status?.observedGeneration === 2
    })
    await kubectl.run(['delete', 'pod', 'stubborn', '--grace-period=1'])
  })

  test('a restart policy of its own and the exit codes that are excepted from it', async () => {
    const counting = (name: string, exitCode: number, part: Partial<Container>): Container => ({
      ...idle,
      name,
      command: ['sh', '-c', `exit ${exitCode}`],
      ...part,
    })
    const exitCodes = { operator: 'In', values: [42] }
    await kubectl.apply(
      podWith(
        'policies',
        counting('never', 1, { restartPolicy: 'Never' }),
        counting('failing', 1, { restartPolicy: 'OnFailure' }),
        counting('excepted', 42, {
          restartPolicy: 'Never',
          restartPolicyRules: [{ action: 'Restart', exitCodes }],
        }),
      ),
    )
    const pod = await seen('policies', 'to restart', ({ status }) => {
      const counts = (status?.containerStatuses ?? []).map((one) => one.restartCount)
      return (counts[1] ?? 0) > 0 && (counts[2] ?? 0) > 0
    })
    const never = pod.status?.containerStatuses?.[0]
    assert.equal(never?.restartCount, 0)
    assert.equal(never?.state?.terminated?.exitCode, 1)
    assert.equal(pod.status?.phase, 'Running')
  })

  test('a postStart hook that fails takes its container with it', async () => {
    const postStart = { exec: { command: ['sh', '-c', 'echo no good; exit 7'] } }
    await kubectl.apply(podWith('badhook', { ...idle, lifecycle: { postStart } }))
    await told('badhook', 'FailedPostStartHook', /exited with 7: no good/)
    await seen(
      'badhook',
      'to restart',
      ({ status }) => (status?.containerStatuses?.[0]?.restartCount ?? 0) > 0,
    )
  })

  test('last words become the message of the status', async () => {
    const command = ['sh', '-c', 'echo -n goodbye > /dev/termination-log; exit 3']
    const last = { ...idle, name: 'logs', terminationMessagePolicy: 'FallbackToLogsOnError' }
    const pod = podWith(
      'words',
      { ...idle, command },
      { ...last, command: ['sh', '-c', 'echo from the log; exit 4'] },
    )
    await kubectl.apply({ ...pod, spec: { ...pod.spec, restartPolicy: 'Never' } })
    const ended = await seen('words', 'to fail', ({ status }) => status?.phase === 'Failed')
    const states = ended.status?.containerStatuses?.map(({ state }) => state?.terminated)
    assert.deepEqual(
      states?.map((one) => [one?.exitCode, one?.message]),
      [
        [3, 'goodbye'],
        [4, 'from the log\n'],
      ],
    )
  })

  test('a pod past its deadline fails', async () => {
    const pod = podWith('deadline', idle)
    await kubectl.apply({ ...pod, spec: { ...pod.spec, activeDeadlineSeconds: 2 } })
    const { status } = await seen('deadline', 'to fail', (one) => one.status?.phase === 'Failed')
    assert.equal(status?.reason, 'DeadlineExceeded')
    await told('deadline', 'DeadlineExceeded')
    const { uid } = (await getPod(kubectl, 'deadline')).metadata
    const cgroup = `${String(podfit.ready['cgroup'])}/kubepods/besteffort/pod${uid}`
    await waitUntil('its cgroup to be removed', () => !openCgroupTree().exists(cgroup))
  })

  test('another image restarts the container, and what others write over the status is put right', async () => {
    await kubectl.apply(podWith('image', idle))
    await runningPod(kubectl, 'image')
    const conditions = [
      { type: 'Ready', status: 'False' },
      { type: 'example.com/Mine', status: 'True' },
    ]
    const patch = JSON.stringify({ status: { conditions } })
    await kubectl.run(['patch', 'pod', 'image', '--subresource=status', '-p', patch])
    const ready = await runningPod(kubectl, 'image')
    assert.ok(ready.status?.conditions?.some(({ type }) => type === 'example.com/Mine'))
    await kubectl.run(['set', 'image', 'pod/image', 'main=docker.io/library/busybox:latest'])
    await seen(
      'image',
      'to restart',
      ({ status }) => status?.containerStatuses?.[0]?.restartCount === 1,
    )
    await told('image', 'Killing', 'Container main definition changed, will be restarted')
  })

  test('an image that cannot be pulled is tried again with a back-off', async () => {
    await kubectl.apply(podWith('pull', { ...idle, image: '127.0.0.1:1/nothing:1' }))
    await seen(
      'pull',
      'to back off',
      ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ImagePullBackOff',
    )
    await told('pull', 'Failed', 'Error: ErrImagePull')
    await told('pull', 'Failed', 'Error: ImagePullBackOff')
    await kubectl.run(['delete', 'pod', 'pull', '--now'])
  })
})
