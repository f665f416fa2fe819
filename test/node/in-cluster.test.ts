import assert from 'node:assert/strict'
import { existsSync, mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
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

/** The kubeconfig with a token in place of the certificate. */
function withToken(kubeconfig: string, directory: string, token: string): string {
  const path = join(directory, 'kubeconfig')
  const text = readFileSync(kubeconfig, 'utf8')
    .replace(/client-certificate-data: .*/, `token: ${token}`)
    .replace(/\n +client-key-data: .*/, '')
  writeFileSync(path, text, { mode: 0o600 })
  return path
}

test('without it there is none to be found, but with a token from outside', async () => {
  using outside = mkdtempDisposableSync(join(tmpdir(), 'podfit-token-'))
  const tokens = join(outside.path, 'tokens.csv')
  writeFileSync(tokens, 's3cret,ann,1,"system:masters"\n', { mode: 0o600 })
  await using podfit = await startPodfit({ args: ['--token-auth-file', tokens] })
  const ann = createKubectl(withToken(podfit.kubeconfig, outside.path, 's3cret'))
  const user = '{.status.userInfo.username}'
  assert.equal(await ann.run(['auth', 'whoami', '-o', `jsonpath=${user}`]), 'ann')
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
