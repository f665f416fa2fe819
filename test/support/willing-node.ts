import { settledStatus, type FakePodApi } from './fake-pod-api.ts'

/** A node of 2 CPUs and 1Gi for the pods of a fake API. */
export const smallNode = {
  metadata: { name: 'n1' },
  status: { allocatable: { cpu: '2', memory: '1Gi', pods: '9' } },
}

/** A node that gives every pod what it asks for, at once; only `no` gets nothing above `small`. */
export function willing(api: FakePodApi, no?: string): FakePodApi {
  const small = new Map(
    no === undefined ? [] : [[no, api.podNamed(no).spec.containers[0]?.resources ?? {}]],
  )
  api.nodes.set('n1', smallNode)
  api.onPatched = ({ metadata: { name, generation = 1 }, spec }) => {
    const { resources = {} } = spec.containers[0] ?? {}
    const kept = small.get(name)
    if (kept === undefined || JSON.stringify(kept) === JSON.stringify(resources)) {
      return api.setStatus(settledStatus(resources, generation), name)
    }
    const message = 'no room'
    const pending = { type: 'PodResizePending', status: 'True', reason: 'Infeasible', message }
    api.setStatus({ ...settledStatus(kept, generation), conditions: [pending] }, name)
  }
  return api
}

/** The CPU requests that pods ask for now. */
export function cpuOf(api: FakePodApi, ...names: readonly string[]) {
  return names.map((name) => api.podNamed(name).spec.containers[0]?.resources?.requests?.['cpu'])
}
