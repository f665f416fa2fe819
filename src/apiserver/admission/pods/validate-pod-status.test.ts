import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Container, ContainerState, Pod, PodSpec } from '../../../domain/pod.ts'
import { formatFieldError } from '../../../domain/field-error.ts'
import { validatePodStatus } from './validate-pod-status.ts'

const running: ContainerState = { running: {} }
const ended = (exitCode: number): ContainerState => ({ terminated: { exitCode } })

function podIn(spec: Partial<PodSpec>, state: ContainerState, init?: ContainerState): Pod {
  const status = (name: string, now: ContainerState) => ({
    name,
    state: now,
    ready: false,
    restartCount: 0,
    image: '',
    imageID: '',
  })
  return {
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'app' }], ...spec },
    status: {
      qosClass: 'BestEffort',
      containerStatuses: [status('app', state)],
      ...(init && { initContainerStatuses: [status('init', init)] }),
    },
  }
}

/** Why a container that has ended may not run again. */
function refusals(spec: Partial<PodSpec>, exitCode: number): readonly string[] {
  const errors = validatePodStatus(podIn(spec, ended(exitCode)), podIn(spec, running))
  return errors.map(formatFieldError)
}

const refused = [
  'status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state',
]

const restarting: Container = {
  name: 'app',
  resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }],
}
const own: Container = { name: 'app', restartPolicy: 'Always' }

const cases: readonly (readonly [string, Partial<PodSpec>, number, readonly string[]])[] = [
  ['Always', { restartPolicy: 'Always' }, 0, []],
  ['OnFailure, failed', { restartPolicy: 'OnFailure' }, 1, []],
  ['OnFailure, done', { restartPolicy: 'OnFailure' }, 0, refused],
  ['Never, failed', { restartPolicy: 'Never' }, 1, refused],
  ['Never, but its own policy', { restartPolicy: 'Never', containers: [own] }, 1, []],
  ['done, but resized', { restartPolicy: 'OnFailure', containers: [restarting] }, 0, []],
]

describe('a container that has ended may run again', () => {
  for (const [name, spec, exitCode, expected] of cases) {
    test(name, () => assert.deepEqual(refusals(spec, exitCode), expected))
  }

  test('not even as a container that prepares, but as a sidecar', () => {
    const found = (restartPolicy: string | undefined) => {
      const init = { name: 'init', ...(restartPolicy === undefined ? {} : { restartPolicy }) }
      const spec = { restartPolicy: 'Never', initContainers: [init] }
      return validatePodStatus(podIn(spec, running, ended(0)), podIn(spec, running, running))
    }
    assert.deepEqual(found('Always'), [])
    assert.deepEqual(found(undefined).map(formatFieldError), [
      'status.initContainerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state',
    ])
  })
})

test('a pod keeps its QoS class', () => {
  const pod = podIn({}, running)
  const other = { ...pod, status: { ...pod.status, qosClass: 'Guaranteed' } }
  assert.deepEqual(validatePodStatus(pod, pod), [])
  assert.deepEqual(validatePodStatus(pod, other).map(formatFieldError), [
    'status.qosClass: Invalid value: "Guaranteed": field is immutable',
  ])
})
