import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSizeRequest, type SizeRequest } from '../../domain/resize/request/size-request.ts'
import { runningPod } from '../../../test/support/fake-pod-api.ts'
import { lowersMemory } from './lowers-memory.ts'
import { prepareResize } from './prepare-resize.ts'

const resources = {
  requests: { cpu: '0.25', memory: '64Mi', 'ephemeral-storage': '1Gi' },
  limits: { cpu: '500m', memory: '64Mi' },
}

function request(resource: 'cpu' | 'memory', text: string): SizeRequest {
  const parsed = parseSizeRequest(text, resource)
  assert.equal(parsed.kind, 'parsed')
  return parsed.wanted
}

function prepared(pod: Parameters<typeof prepareResize>[0], ...requests: SizeRequest[]) {
  const preparation = prepareResize(pod, {}, requests)
  assert.equal(preparation.kind, 'ready')
  return preparation.resize
}

test('prepareResize() sends only the values that change', () => {
  const { patch, change, wanted } = prepared(
    runningPod(resources),
    request('cpu', ':1'),
    request('memory', '128Mi'),
  )
  assert.deepEqual(patch, {
    spec: {
      containers: [
        {
          name: 'app',
          // The memory limit goes along, because it equals the request.
          resources: { requests: { memory: '128Mi' }, limits: { cpu: '1', memory: '128Mi' } },
        },
      ],
    },
  })
  assert.equal(change.before.cpuRequest, 250)
  assert.equal(change.after.cpuLimit, 1000)
  assert.deepEqual(change.restartsFor, [])
  assert.equal(wanted.spec.containers[0]?.resources?.requests?.['ephemeral-storage'], '1Gi')
})

test('prepareResize() tells for which resources the policy restarts the container', () => {
  const pod = runningPod(resources, {
    resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }],
  })
  const both = prepared(pod, request('cpu', 'x2:x2'), request('memory', '128Mi'))
  assert.deepEqual(both.change.restartsFor, ['memory'])
  assert.deepEqual(prepared(pod, request('cpu', 'x2:x2')).change.restartsFor, [])
})

test('prepareResize() finds sidecars and patches them where they are', () => {
  const pod = runningPod(resources)
  const sidecar = { name: 'log', restartPolicy: 'Always', resources: { requests: { cpu: '10m' } } }
  const withSidecar = { ...pod, spec: { ...pod.spec, initContainers: [sidecar] } }
  const preparation = prepareResize(withSidecar, { container: 'log' }, [request('cpu', '20m')])
  assert.equal(preparation.kind, 'ready')
  assert.deepEqual(preparation.resize.patch, {
    spec: { initContainers: [{ name: 'log', resources: { requests: { cpu: '20m' } } }] },
  })
})

test('prepareResize() chooses the container by name, annotation, or because it is the only one', () => {
  const pod = runningPod(resources)
  const two = {
    ...pod,
    spec: { ...pod.spec, containers: [...pod.spec.containers, { name: 'side', resources }] },
  }
  const annotations = { 'kubectl.kubernetes.io/default-container': 'side' }
  const annotated = { ...two, metadata: { ...two.metadata, annotations } }
  const cpu = [request('cpu', '300m')]

  const unnamed = prepareResize(two, {}, cpu)
  const unknown = prepareResize(two, { container: 'nope' }, cpu)
  assert.deepEqual(unnamed, {
    kind: 'unusable',
    message: 'Cannot choose a container of pod web: name one of app, side with -c',
  })
  assert.deepEqual(unknown, {
    kind: 'unusable',
    message: 'Cannot find container nope in pod web: it has app, side',
  })
  const byAnnotation = prepareResize(annotated, {}, cpu)
  assert.equal(byAnnotation.kind === 'ready' && byAnnotation.resize.change.container, 'side')
})

test('prepareResize() says when there is nothing to do, or nothing to be done', () => {
  const pod = runningPod(resources)
  const same = prepareResize(pod, {}, [request('cpu', '250m:0.5')])
  assert.equal(same.kind, 'unchanged')
  const ended = { ...pod, status: { ...pod.status, phase: 'Succeeded' } }
  assert.deepEqual(prepareResize(ended, {}, [request('cpu', '1:1')]), {
    kind: 'impossible',
    message: 'Cannot resize pod web: it has ended (Succeeded), nothing of it runs any more',
  })
  const tooMuch = prepareResize(pod, {}, [request('cpu', '2')])
  assert.equal(tooMuch.kind, 'unusable')
})

test('lowersMemory() knows a lower limit that is asked for already and still not there', () => {
  const held = runningPod(resources)
  const spec = runningPod({ ...resources, limits: { cpu: '500m', memory: '32Mi' } }).spec
  const cpu = request('cpu', '300m')
  assert.equal(lowersMemory(prepared(held, cpu)), false)
  assert.equal(lowersMemory(prepared(held, request('memory', '96Mi:96Mi'))), false)
  assert.equal(lowersMemory(prepared({ ...held, spec }, cpu)), true)
})
