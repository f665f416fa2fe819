import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { findKubeconfig } from './find-kubeconfig.ts'
import { inClusterTarget, targetOf } from './kube-target.ts'
import { parseKubeconfig } from './kubeconfig-file.ts'

const text = `
apiVersion: v1
kind: Config
current-context: blue
contexts:
- name: blue
  context: {cluster: c1, user: u1, namespace: team}
- name: green
  context: {cluster: c1}
- name: no-cluster
  context: {cluster: gone, user: u1}
- name: no-user
  context: {cluster: c1, user: gone}
clusters:
- name: c1
  cluster:
    server: https://127.0.0.1:6443
    certificate-authority: pki/ca.crt
users:
- name: u1
  user:
    client-certificate: /abs/client.crt
    exec: {command: ./login, apiVersion: client.authentication.k8s.io/v1}
- name: u2
  user:
    exec: {command: aws, apiVersion: client.authentication.k8s.io/v1}
`

test('a context is resolved, paths are relative to the file', async () => {
  const target = targetOf(await parseKubeconfig(text, '/home/me/.kube/config'))
  assert.equal(target.context, 'blue')
  assert.equal(target.namespace, 'team')
  assert.equal(target.cluster.server, 'https://127.0.0.1:6443')
  assert.equal(target.cluster['certificate-authority'], '/home/me/.kube/pki/ca.crt')
  assert.equal(target.user['client-certificate'], '/abs/client.crt')
  assert.equal(target.user.exec?.command, '/home/me/.kube/login')
})

test('a program without a slash is looked up in PATH', async () => {
  const config = await parseKubeconfig(text, '/home/me/.kube/config')
  assert.equal(config.users.get('u2')?.exec?.command, 'aws')
})

test('a context may have no user and no namespace', async () => {
  const target = targetOf(await parseKubeconfig(text, '/k'), 'green')
  assert.equal(target.namespace, 'default')
  assert.deepEqual(target.user, {})
})

test('what is missing is named, with what there is', async () => {
  const config = await parseKubeconfig(text, '/k')
  const say = (name: string) => () => targetOf(config, name)
  assert.throws(say('red'), {
    message:
      'Cannot use context "red": /k has no such context. It has: blue, green, no-cluster, no-user',
  })
  assert.throws(say('no-cluster'), /its cluster "gone" is not there in \/k/)
  assert.throws(say('no-user'), /its user "gone" is not there in \/k/)
  const empty = await parseKubeconfig('{}', '/k')
  assert.throws(() => targetOf(empty), /has no current-context.*--context; it has: none/)
})

test('a file that is no kubeconfig is named', async () => {
  const parse = (broken: string) => parseKubeconfig(broken, '/k')
  await assert.rejects(parse('a: [b'), /Cannot read kubeconfig \/k: it is not YAML/)
  await assert.rejects(parse('- a'), /must be a mapping/)
  await assert.rejects(parse('clusters: {}'), /clusters must be a list/)
  await assert.rejects(
    parse('users: [{name: x}]'),
    /each entry of users must have a name and a user/,
  )
})

test('files: --kubeconfig, then $KUBECONFIG merged, then local, then home', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'podfit-'))
  t.after(() => rmSync(home, { recursive: true }))
  const file = (name: string, context: string) => {
    const path = join(home, name)
    const contexts = [{ name: 'shared', context: { cluster: context } }]
    writeFileSync(path, JSON.stringify({ 'current-context': context, contexts }))
    return path
  }
  const [a, b, local] = [file('a', 'a'), file('b', 'b'), file('local', 'local')]
  const missing = join(home, 'missing')
  const find = async (options: Parameters<typeof findKubeconfig>[0]) => {
    const found = await findKubeconfig({ env: { HOME: home }, ...options })
    return found && [found.currentContext, found.contexts.get('shared')?.cluster]
  }
  assert.equal(await find({}), undefined)
  assert.deepEqual(await find({ local: [missing, local] }), ['local', 'local'])
  const env = { HOME: home, KUBECONFIG: `${missing}:${b}:${a}` }
  assert.deepEqual(await find({ env, local: [local] }), ['b', 'b'])
  assert.deepEqual(await find({ env, file: a }), ['a', 'a'])
  assert.deepEqual(await find({ env: { HOME: home }, file: [b, a] }), ['b', 'b'])
  await assert.rejects(find({ file: missing }), /there is no such file/)
  await assert.rejects(find({ env: { KUBECONFIG: missing } }), /there is no file/)
  // There, and out of reach; as root only such a thing is.
  const loop = join(home, 'loop')
  symlinkSync(loop, loop)
  await assert.rejects(find({ env: { KUBECONFIG: loop } }), /Cannot read kubeconfig .*ELOOP/)
  await assert.rejects(find({ local: [loop] }), /Cannot read kubeconfig .*ELOOP/)
  assert.deepEqual(await find({ local: [loop, local] }), ['local', 'local'])
})

test('in a pod, the service account leads to the cluster', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'podfit-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' }
  assert.equal(inClusterTarget(env, directory), undefined)
  writeFileSync(join(directory, 'token'), 'secret')
  writeFileSync(join(directory, 'namespace'), 'team\n')
  const target = inClusterTarget(env, directory)
  assert.equal(target?.cluster.server, 'https://[fd00::1]:443')
  assert.equal(target?.namespace, 'team')
  assert.equal(target?.user.tokenFile, join(directory, 'token'))
  assert.equal(inClusterTarget({}, directory), undefined)
})
