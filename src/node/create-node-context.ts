import { join } from 'node:path'
import { usualPageSize } from '../domain/cgroup/memory.ts'
import type { MemoryQos, MemoryReservation } from '../domain/cgroup/memory-qos.ts'
import { swapHolds } from '../domain/cgroup/swap.ts'
import { nothingObserved } from '../domain/lifecycle/observed.ts'
import type { Bytes } from '../domain/units.ts'
import { Allocator } from './allocation/allocator.ts'
import { DesiredPods } from './api/desired-pods.ts'
import { ImagePuller } from './start/image-puller.ts'
import { instanceLabel } from './runtime/labels.ts'
import { lastWords } from './containers/last-words.ts'
import type { NodeAgentOptions } from './node-agent-options.ts'
import type { NodeContext } from './node-context.ts'
import { MemoryShrinker } from './cgroups/memory-shrinker.ts'
import { NodeMetrics } from './reporting/node-metrics.ts'
import { openCheckpoint } from './checkpoint/open-checkpoint.ts'
import { ObservedPods } from './runtime/observed-pods.ts'
import { OomScoreRecord } from './containers/oom-score-record.ts'
import { NodeCgroups } from './cgroups/node-cgroups.ts'
import { PodProbes } from './probes/pod-probes.ts'
import { RuntimeTurns } from './runtime/runtime-turns.ts'
import { ResizeConditions } from './reporting/resize-conditions.ts'
import { ReferencedObjects } from './api/referenced-objects.ts'
import { RestartBackOffs } from './start/restart-back-offs.ts'
import { SandboxUpdates } from './actuation/sandbox-updates.ts'
import { ServiceAccountTokens } from './api/service-account-tokens.ts'
import { StartRetries } from './start/start-retries.ts'
import { StatusWriter } from './reporting/status-writer.ts'
import { Slices } from './cgroups/slices.ts'
import { PodVolumes } from './volumes/pod-volumes.ts'

/** As many as containerd serves without slowing down on a small machine. */
const startsAtOnce = 8
const resizesAtOnce = 8

/**
 * Puts together what the steps of a pod's life work with.
 *
 * @param wake has a pod looked at.
 */
export function createNodeContext(
  options: NodeAgentOptions,
  wake: (uid: string) => void,
): NodeContext {
  const { api, events, runtime, machine, policies, onStep, onError } = options
  const checkpoint = openCheckpoint(options.checkpointFile, onStep, onError)
  const observed = new ObservedPods({
    runtime,
    labels: { [instanceLabel]: options.instance },
    isStarting: checkpoint.isStarting.bind(checkpoint),
    lastWords: (uid, status) => lastWords(join(options.podsDir, uid), status),
  })
  const pods = new DesiredPods()
  const conditions = new ResizeConditions()
  const metrics = new NodeMetrics(() => conditions.all(), options.cgroups.version)
  const now = (): Date => new Date()
  const { version, allocatable } = options
  const node = {
    allocatable,
    capacity: allocatable,
    swap: swapHolds({ ...policies, machine, cgroups: options.cgroups }),
    appArmor: machine.appArmor,
    ...(options.hostPorts.refusal && { noHostPorts: options.hostPorts.refusal }),
  }
  const objects = new ReferencedObjects(options.objects, wake)
  const allocator = new Allocator({
    checkpoint,
    pods,
    runsHere: (uid) => observed.get(uid) !== nothingObserved,
    conditions,
    node,
    version,
    events,
    metrics,
    wake,
    now,
    onError,
  })
  return {
    api,
    events,
    runtime,
    checkpoint,
    sandboxUpdates: new SandboxUpdates(runtime, version),
    shrinker: new MemoryShrinker(checkpoint),
    oomScores: options.oomScores,
    oomScoreRecord: new OomScoreRecord(),
    pods,
    observed,
    conditions,
    allocator,
    version,
    actuation: policies.actuation ?? 'runtime',
    metrics,
    now,
    cgroups: new NodeCgroups({
      cgroups: options.cgroups,
      root: options.cgroupRoot,
      driver: options.cgroupDriver,
      ...(options.units && {
        slices: new Slices(options.units, onStep, (unit, error) =>
          onError(`systemd does not know the size of ${unit}`, error),
        ),
      }),
      onStep,
      machine,
      ...(policies.memoryQos && { memoryQos: memoryQosOf(policies.memoryQos, machine.memory) }),
      ...(policies.swapBehavior && { swapBehavior: policies.swapBehavior }),
    }),
    statuses: new StatusWriter({
      api,
      onStep,
      onError: (pod, error) =>
        onError(`Cannot write the status of pod ${pod.metadata.name}`, error),
    }),
    backOffs: new RestartBackOffs(),
    startRetries: new StartRetries(),
    startTurns: new RuntimeTurns(startsAtOnce),
    resizeTurns: new RuntimeTurns(resizesAtOnce),
    onStep,
    machine,
    volumes: new PodVolumes(options.podsDir, machine.memory),
    objects,
    tokens: new ServiceAccountTokens(api, now, onError),
    images: new ImagePuller(runtime, events, now),
    probes: new PodProbes({ runtime, observed, events, wake, now }),
    hostPorts: options.hostPorts,
    ...(options.apiForPods && { apiForPods: options.apiForPods }),
    allocatable: options.allocatable,
    seccompDir: options.seccompDir,
    podLogs: options.podLogs,
    instance: options.instance,
    runtimeName: options.runtimeName,
  }
}

/** Kubernetes' default factor; all of the machine is for pods. */
function memoryQosOf(reservation: MemoryReservation, allocatable: Bytes): MemoryQos {
  return { reservation, allocatable, throttlingFactor: 0.9, pageSize: usualPageSize }
}
