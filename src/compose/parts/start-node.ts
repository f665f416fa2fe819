import { readOomScoreAdj, writeOomScoreAdj } from '../../cgroup/oom-score.ts'
import { openCgroupTree } from '../../cgroup/open-cgroup-tree.ts'
import { openSystemdUnits } from '../../cgroup/systemd-units.ts'
import type { KubeVersion } from '../../domain/kube-version.ts'
import type { Pod } from '../../domain/pod.ts'
import { declaredFeatures } from '../../domain/resize/validation/node-features.ts'
import type { KubeClient } from '../../kube/client/kube-client.ts'
import { createEventRecorder } from '../../kube/event/event-recorder.ts'
import { pods } from '../../kube/object/resource.ts'
import { startInformer } from '../../kube/watch/informer.ts'
import type { EventSink } from '../../node/api/api.ts'
import type { DesiredChanges } from '../../node/desired-changes.ts'
import { NodeAgent } from '../../node/node-agent.ts'
import type { NodePolicies } from '../../node/node-policies.ts'
import { readMachine } from '../../node/registration/machine.ts'
import {
  keepHeartbeat,
  nodeCapacity,
  type NodeIdentity,
  registerNode,
} from '../../node/registration/register.ts'
import type { DataDirectory } from '../data/data-directory.ts'
import type { Log } from '../log.ts'
import { objectSource } from './follow-object.ts'
import { pathApi } from './kube-api.ts'
import type { RunningRuntime } from './start-runtime.ts'

export interface NodeOptions {
  readonly client: KubeClient
  readonly runtime: RunningRuntime
  readonly directory: DataDirectory
  /** @default the machine's host name */
  readonly name?: string
  readonly kubeletVersion: string
  readonly kubeVersion: KubeVersion
  readonly policies: NodePolicies
  /** Where pods find the API. @default nowhere */
  readonly apiForPods?: { readonly host: string; readonly port: number }
  readonly onStep: (step: string) => void
  readonly log: Log
  readonly signal: AbortSignal
}

const maxPods = 250
/** Events share the processor and the disk with the resizes that they tell of. */
const eventCalmMs = 50

/** Registers this machine as a node and runs the pods that the API gives it. */
export async function startNode(options: NodeOptions): Promise<NodeAgent> {
  const { client, runtime, directory, policies, log, signal } = options
  const machine = readMachine(directory.path)
  const identity: NodeIdentity = {
    name: options.name ?? machine.hostname,
    machine,
    podCidr: runtime.podCidr,
    runtimeVersion: `${runtime.name}://${runtime.version}`,
    kubeletVersion: options.kubeletVersion,
    maxPods,
    declaredFeatures: declaredFeatures(options.kubeVersion),
  }
  const api = pathApi(client)
  await registerNode(api, identity, new Date())
  keepHeartbeat(api, identity.name, signal, (error) =>
    log.warn('Cannot renew the node lease', error),
  )
  const agent = new NodeAgent({
    api,
    events: podEvents(client, identity.name, log),
    runtime: runtime.cri,
    cgroups: openCgroupTree(),
    oomScores: { read: readOomScoreAdj, write: writeOomScoreAdj },
    cgroupRoot: directory.cgroup,
    cgroupDriver: runtime.cgroupDriver,
    ...(runtime.cgroupDriver === 'systemd' && { units: openSystemdUnits() }),
    machine,
    allocatable: nodeCapacity(identity),
    checkpointFile: directory.nodeDatabase,
    podsDir: directory.pods,
    seccompDir: directory.seccomp,
    objects: objectSource(client, (message, error) => log.warn(message, error)),
    hostPorts: runtime.hostPorts,
    podLogs: directory.podLogs,
    ...(options.apiForPods && { apiForPods: options.apiForPods }),
    instance: directory.cgroup.slice(1),
    runtimeName: runtime.name,
    version: options.kubeVersion,
    policies,
    onStep: options.onStep,
    onError: (message, error) => log.warn(message, error),
  })
  await agent.start()
  followPods(client, identity.name, agent.desired, log, signal)
  return agent
}

function followPods(
  client: KubeClient,
  node: string,
  desired: DesiredChanges,
  log: Log,
  signal: AbortSignal,
): void {
  const informer = startInformer<Pod>({
    client,
    resource: pods,
    selection: { fieldSelector: `spec.nodeName=${node}` },
    handlers: {
      onAdd: (pod) => desired.podChanged(pod),
      onUpdate: (pod) => desired.podChanged(pod),
      onDelete: (pod) => desired.podRemoved(pod),
    },
    onError: (error) => log.warn('The watch of pods broke', error),
    signal,
  })
  informer.synced.then(
    () => desired.podsComplete(),
    // It ends unsynced only when podfit ends.
    () => {},
  )
}

function podEvents(client: KubeClient, host: string, log: Log): EventSink {
  const recorder = createEventRecorder({
    client,
    component: 'kubelet',
    calmMs: eventCalmMs,
    host,
    onLost: ({ reason }, error) => log.warn(`Lost event ${reason}`, error),
  })
  return {
    record({ pod, container, ...text }) {
      const subject = { apiVersion: 'v1', kind: 'Pod', metadata: pod }
      const fieldPath = container === undefined ? undefined : `spec.containers{${container}}`
      recorder.record(subject, { ...text, fieldPath })
    },
    recordOfNode(text) {
      // A node's events carry its name for a UID, as the kubelet's do.
      recorder.record({ apiVersion: 'v1', kind: 'Node', metadata: { name: host, uid: host } }, text)
    },
  }
}
