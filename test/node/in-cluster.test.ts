import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { test } from 'node:test'
import type { Pod } from '../../src/domain/pod.ts'
import { createKubectl, kubectlProgram } from '../support/kubectl.ts'
import { startPodfit } from '../support/podfit-process.ts'
import { idle, podWith, runningPod } from './pods.ts'

/** Has kubectl, which finds the API by itself in a pod. */
function withKubectl(name: string): Pod {
  // It may be linked to the machine's libraries.
  const places = [
    [dirname(kubectlProgram()), '/kubectl'],
    ...['/lib', '/lib64', '/usr/lib']
      .filter((path) => existsSync(path))
      .map((path) => [path, path]),
  ] as const
  const volumeMounts = places.map(([, mountPath = ''], index) => ({
    name: `place-${index}`,
    mountPath,
    readOnly: true,
  }))
  const pod = podWith(name, { ...idle, volumeMounts })
  const volumes = places.map(([path = ''], index) => ({
    name: `place-${index}`,
    hostPath: { path },
  }))
  return { ...pod, spec: { ...pod.spec, volumes } }
}

test('with --api-for-pods a client in a pod finds the API, also after a restart of podfit', async () => {
  await using podfit = await startPodfit({ args: ['--api-for-pods'] })
  const kubectl = createKubectl(podfit.kubeconfig)
  await kubectl.apply(withKubectl('client'))
  await runningPod(kubectl, 'client')
  const inside = (...args: readonly string[]): Promise<string> =>
    createKubectl(podfit.kubeconfig).run(['exec', 'client', '--', '/kubectl/kubectl', ...args])
  assert.match(
    await inside('auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'),
    /^system:serviceaccount:default:default$/,
  )
  assert.equal(await inside('get', 'pods', '-o', 'name'), 'pod/client\n')
  await podfit.kill9()
  await podfit.start()
  assert.equal(await inside('get', 'pods', '-o', 'name'), 'pod/client\n')
})

test('without it there is none to be found', async () => {
  await using podfit = await startPodfit()
  const kubectl = createKubectl(podfit.kubeconfig)
  await kubectl.apply(podWith('plain', idle))
  const { status } = await runningPod(kubectl, 'plain')
  const gateway = (status?.podIP ?? '').replace(/\.\d+$/, '.1')
  const { port } = new URL(podfit.server)
  const sh = (script: string) => kubectl.run(['exec', 'plain', '--', 'sh', '-c', script])
  assert.equal(await sh('env | grep -c KUBERNETES; :'), '0\n')
  assert.notEqual(await sh(`nc -w 1 ${gateway} ${port} </dev/null 2>/dev/null; echo $?`), '0\n')
  assert.notEqual(await sh(`nc -w 1 ${gateway} 6443 </dev/null 2>/dev/null; echo $?`), '0\n')
})
