import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type ArchiveEntry, imageArchive } from '../../src/containerd/image/image-archive.ts'
import { bytes } from '../../src/domain/units.ts'
import { containerCgroup } from './expect-size.ts'
import { idle, LiveNode } from './live-node.ts'

let node: LiveNode

before(async () => {
  node = await LiveNode.start({ args: ['--on-drift', 'report'] })
})
after(() => node?.[Symbol.asyncDispose]())

const mebi = 1024 * 1024
const resources = {
  requests: { cpu: '100m', memory: '32Mi' },
  limits: { cpu: '205m', memory: '64Mi' },
}

async function json(...args: readonly string[]) {
  const { code, stdout, stderr } = await node.podfit.podfit([...args, '-o', 'json'])
  assert.notEqual(stdout, '', stderr)
  return { code, document: JSON.parse(stdout) }
}

const codesIn = ({ findings }: { findings: readonly { code: string }[] }) =>
  findings.map(({ code }) => code).toSorted()

/** An image with one program and no shell: busybox is what it is called. */
async function loadShellLessImage(): Promise<string> {
  const name = 'podfit.dev/shell-less:1'
  const sleep = { kind: 'file', path: 'sleep', mode: 0o755, content: readFileSync('/bin/busybox') }
  const file = join(node.podfit.scratchDir, 'shell-less.tar')
  const command = ['/sleep', '1000000']
  writeFileSync(file, await imageArchive([sleep as ArchiveEntry], [{ name, command }]))
  const loaded = await node.podfit.podfit([
    'image',
    'load',
    file,
    '--data-dir',
    node.podfit.dataDir,
  ])
  assert.equal(loaded.code, 0, loaded.stderr)
  return name
}

test('from inside, verify sees the cgroup of the container and says what it cannot see', async () => {
  const pod = await node.run('inside', { containers: [idle('app', resources)] })
  const args = ['verify', 'inside', '--source', 'exec'] as const
  const { code, document } = await json(...args)
  assert.equal(code, 4)
  assert.match(document.source, new RegExp(`^exec in the container, cgroup ${node.tree.version}$`))
  assert.deepEqual(codesIn(document), ['CG304'])
  const files = document.containers[0].values.flatMap((value: { files: object[] }) => value.files)
  assert.equal(files.length, 3)

  const cgroup = containerCgroup(node, pod, 'app')
  node.tree.write(cgroup, { memoryLimit: bytes(48 * mebi) })
  const broken = await json(...args)
  assert.equal(broken.code, 3)
  assert.deepEqual(codesIn(broken.document), ['CG103', 'CG304'])
  const machine = await json('verify', 'inside', '--source', 'machine')
  assert.ok(codesIn(machine.document).includes('CG103'))
})

test('from inside, resize follows the change and top tells the use', async () => {
  await node.run('followed', { containers: [idle('app', resources)] })
  const resized = await json('resize', 'followed', '--cpu', '150m:300m', '--source', 'exec')
  assert.equal(resized.code, 4)
  type Layer = { readonly layer: string; readonly state: string }
  const layers = resized.document.layers.map(({ layer, state }: Layer) => `${layer} ${state}`)
  assert.ok(layers.includes('containerCgroup reached'), layers.join())
  assert.ok(layers.includes('podCgroup unseen'), layers.join())

  const wide = await node.podfit.podfit(['get', 'followed', '-o', 'wide', '--source', 'exec'])
  assert.match(
    wide.stdout,
    /\nfollowed +app +150m:300m .* 150m +150m:300m +\d+ 30000\S* .* \d+Mi +/,
  )
  const why = await json('why', 'followed', '--source', 'exec')
  const moments = why.document.timeline.map(({ what }: { what: string }) => what)
  const asked = /^asked for cpu 100m:205m → 150m:300m \(container app, run \d+-/
  assert.ok(
    moments.some((what: string) => asked.test(what)),
    moments.join('; '),
  )
  assert.equal(moments.at(-1), 'all 3 cgroup files hold the size that is granted')
  const shrink = await json('plan', 'followed', '--memory', '4Ki:64Ki', '--source', 'exec')
  assert.deepEqual(
    shrink.document.warnings.map(({ code }: { code: string }) => code),
    ['PL103'],
  )

  const { document } = await json('top', 'followed', '--source', 'exec')
  const [row] = document.items
  assert.equal(row.usageFrom, 'exec in the container')
  assert.ok(row.containers[0].usage.memory > 0)
  assert.ok(row.containers[0].usage.cpu >= 0)
})

test('a container without a shell is told, not taken for drift', async () => {
  const shellLess = { name: 'bare', image: await loadShellLessImage(), resources }
  await node.run('shell-less', { containers: [shellLess, idle('app', resources)] })
  const { code, document } = await json('verify', 'shell-less', '--source', 'exec')
  assert.equal(code, 4)
  assert.deepEqual(codesIn(document), ['CG304', 'CG305'])
  const finding = document.findings.find((one: { code: string }) => one.code === 'CG305')
  assert.equal(finding.container, 'bare')
  assert.match(finding.message, /^exec in container bare: its image has no shell \(sh\)$/)

  await node.run('bare-only', { containers: [shellLess] })
  const alone = await json('verify', 'bare-only', '--source', 'exec')
  assert.deepEqual([alone.code, codesIn(alone.document)], [4, ['CG301']])
  assert.match(alone.document.source, /its image has no shell/)
})
