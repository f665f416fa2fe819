import { podAllocatedResources, podLevelResources } from '../../domain/cgroup/pod-level-status.ts'
import { containerResources } from '../../domain/cgroup/status.ts'
import { atLeast } from '../../domain/kube-version.ts'
import { latestContainer, readySandbox } from '../../domain/lifecycle/observed.ts'
import type { Container, Pod, PodStatus, ResourceRequirements } from '../../domain/pod.ts'
import type { NodeContext } from '../node-context.ts'
import { unlessGone } from '../unless-gone.ts'

/** What the pod as a whole was promised and has (Kubernetes 1.36 reports it of every pod). */
export function podResources(
  { observed, cgroups, version }: NodeContext,
  pod: Pod,
  previous: PodStatus | undefined,
  phase: string | undefined,
): Pick<PodStatus, 'resources' | 'allocatedResources'> {
  if (!atLeast(version, '1.36')) return {}
  const sandbox = readySandbox(observed.get(pod.metadata.uid ?? ''))
  const runs = phase === 'Running' && sandbox !== undefined
  const reading = runs ? unlessGone(() => cgroups.pods.read(pod)) : undefined
  return {
    allocatedResources: podAllocatedResources(pod.spec),
    resources: podLevelResources({
      spec: pod.spec,
      previous: previous?.resources,
      systemd: cgroups.systemd,
      ...(reading !== undefined && { reading }),
    }),
  }
}

/** What the container has by its cgroup files; what it was promised while it does not run. */
export function actualResources(
  { observed, cgroups, checkpoint }: NodeContext,
  pod: Pod,
  container: Container,
): ResourceRequirements {
  const uid = pod.metadata.uid ?? ''
  const latest = latestContainer(observed.get(uid), container.name)
  const allocated = container.resources ?? {}
  if (latest?.state !== 'running') return allocated
  const reading = unlessGone(() => cgroups.containers.read(pod, latest.id))
  if (reading === undefined) return allocated
  const actuated = checkpoint.actuated(uid).get(container.name) ?? {}
  return containerResources({ allocated, actuated, reading, systemd: cgroups.systemd })
}
