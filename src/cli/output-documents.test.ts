import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { FakePodApi, runningPod } from '../../test/support/fake-pod-api.ts'
import {
  callPodfit,
  servePodApi,
  stateDirectory,
  writeKubeconfig,
} from '../../test/support/served-pod-api.ts'
import { willing } from '../../test/support/willing-node.ts'

const page = readFileSync(new URL('../../docs/output.md', import.meta.url), 'utf8')
const rows = [...page.matchAll(/^\| (`.*) \| .* \| (.*) \|$/gm)]

/** The fields that the page names for a kind, with those of a kind that it is said to be as. */
function fieldsOf(kind: string): readonly string[] {
  const [, , cell = ''] = rows.find(([, kinds]) => kinds?.includes(`\`${kind}\``)) ?? []
  const names = [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name)
  const [first = ''] = names
  return /^[A-Z]/.test(first) ? [...fieldsOf(first), ...names.slice(1)] : names
}

const small = { requests: { cpu: '250m', memory: '64Mi' }, limits: { cpu: '500m', memory: '64Mi' } }

type Document = Readonly<Record<string, unknown>> & { readonly kind: string }

/** Fields that the page does not name, of the document and of what it lists. */
function unnamed({ apiVersion: _apiVersion, kind, items, ...fields }: Document): readonly string[] {
  const missing = (object: object, known: readonly string[]) =>
    Object.keys(object).filter((name) => !known.includes(name))
  const own = missing(fields, fieldsOf(kind))
  // The items of one run are its pods.
  if (!Array.isArray(items) || kind === 'Run') return own
  const single = kind === 'PodUsageList' ? kind : kind.replace(/List$/, '')
  return [...own, ...items.flatMap((item) => missing(item, fieldsOf(single)))]
}

test('docs/output.md names every kind and field that programs get', async () => {
  const api = willing(new FakePodApi([runningPod(small), runningPod(small, {}, 'db')]))
  api.others.set('GET /apis/metrics.k8s.io/v1beta1/namespaces/default/pods', { items: [] })
  await using served = await servePodApi(api)
  const state = stateDirectory()
  writeKubeconfig(`${state}/kubeconfig`, { one: served.url })
  const env = { XDG_STATE_HOME: state, KUBECONFIG: `${state}/kubeconfig` }
  const run = async (call: string): Promise<Document> => {
    const { stdout, stderr } = await callPodfit([...call.split(' '), '-o', 'json'], env)
    assert.notEqual(stdout, '', `${call}: ${stderr}`)
    return JSON.parse(stdout)
  }
  const calls = [
    'plan web --cpu 400m:1 --memory 65Mi:65Mi',
    'plan web --cpu 9:9',
    'plan web --pod-level --cpu 1:1',
    'resize web --cpu 300m:600m --dry-run=server',
    'resize web --cpu 300m:600m',
    'resize web --cpu 300m:600m',
    'resize --all --cpu 310m:600m',
    'undo',
    'history',
    'verify web',
    'verify',
    'get web',
    'top',
    'why web',
    'check',
    'explain CG101',
    'explain',
    'version',
  ]
  const documents: Document[] = []
  for (const call of calls) {
    documents.push(await run(call))
    assert.deepEqual(unnamed(documents.at(-1) ?? { kind: '' }), [], call)
  }
  const runs = documents.find(({ kind }) => kind === 'RunList')?.['items'] as { id: string }[]
  documents.push(await run(`history ${runs[0]?.id}`))
  assert.deepEqual(unnamed(documents.at(-1) ?? { kind: '' }), [], 'history ID')

  const kinds = [...documents, { kind: 'LoadedImages' }, { kind: 'Up' }, { kind: 'Down' }]
  const named = rows.flatMap(([, cell = '']) => [...cell.matchAll(/`(\w+)`/g)])
  assert.deepEqual(
    named.map(([, kind]) => kind).filter((kind) => kinds.every((one) => one.kind !== kind)),
    [],
  )
})
