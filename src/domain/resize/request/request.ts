import type { Container, Pod, PodSpec } from '../../pod.ts'
import { withResourceDefaults } from './defaults.ts'
import { atLeast, defaultVersion, resizesPodLevel, type KubeVersion } from '../../kube-version.ts'
import { sameResources } from '../same-resources.ts'

/**
 * The pod that a request to `pods/NAME/resize` asks for: `old` with the submitted
 * resources and resize policies, in the form in which they would be stored. Every other
 * change of the body is dropped without a word, as in Kubernetes.
 *
 * Containers that were added, removed, renamed or reordered are passed on, for
 * `validateResize` to refuse. The metadata is `old`'s: comparing the submitted
 * resourceVersion and counting the generation (`withNextGeneration`) are left to the caller.
 *
 * @param submitted the whole pod after the patch was applied to `old`, or the body of a PUT.
 * @see Kubernetes pkg/registry/core/pod/strategy.go, podResizeStrategy.
 */
export function mergeResizeRequest(
  old: Pod,
  submitted: Pod,
  version: KubeVersion = defaultVersion,
): Pod {
  const asked = withResourceDefaults(submitted.spec, version)
  if (!hasSameCounts(old.spec, asked)) return { ...old, spec: asked }
  const sidecars = atLeast(version, '1.33')
  const initContainers = sidecars
    ? mergeContainers(old.spec.initContainers, asked.initContainers)
    : old.spec.initContainers
  const { resources: oldPodLevel, ...rest } = old.spec
  const podLevel = resizesPodLevel(version) ? asked.resources : oldPodLevel
  const spec = {
    ...rest,
    containers: mergeContainers(old.spec.containers, asked.containers) ?? [],
    ...(initContainers ? { initContainers } : {}),
    ...(podLevel ? { resources: podLevel } : {}),
  }
  return { ...old, spec }
}

function hasSameCounts(old: PodSpec, asked: PodSpec): boolean {
  return (
    old.containers.length === asked.containers.length &&
    (old.initContainers ?? []).length === (asked.initContainers ?? []).length
  )
}

function mergeContainers(
  old: readonly Container[] | undefined,
  asked: readonly Container[] | undefined,
): readonly Container[] | undefined {
  if (!old || !asked) return old
  if (old.some(({ name }, index) => asked[index]?.name !== name)) return asked
  return old.map((container, index) => mergeContainer(container, asked[index] ?? container))
}

function mergeContainer(old: Container, asked: Container): Container {
  const { resources: _resources, resizePolicy: _resizePolicy, ...rest } = old
  // A container without any is stored with an empty list of them, however it is submitted.
  const resources = asked.resources ?? (old.resources && {})
  return {
    ...rest,
    ...(resources ? { resources } : {}),
    ...(asked.resizePolicy ? { resizePolicy: asked.resizePolicy } : {}),
  }
}

/**
 * `merged` with its generation: one more than `old`'s if the sizes differ by value, else
 * `old`'s. A pod from before generations were counted (none, or 0) gets 1.
 */
export function withNextGeneration(old: Pod, merged: Pod): Pod {
  if (isSameSpec(old.spec, merged.spec)) return merged
  const generation = (old.metadata.generation ?? 0) + 1
  return { ...merged, metadata: { ...merged.metadata, generation } }
}

function isSameSpec(a: PodSpec, b: PodSpec): boolean {
  return (
    (a.resources === undefined) === (b.resources === undefined) &&
    sameResources(a.resources, b.resources) &&
    sameContainers(a.containers, b.containers) &&
    sameContainers(a.initContainers ?? [], b.initContainers ?? [])
  )
}

function sameContainers(a: readonly Container[], b: readonly Container[]): boolean {
  return (
    a.length === b.length &&
    a.every((container, index) => {
      const other = b[index]
      return (
        other !== undefined &&
        sameResources(container.resources, other.resources) &&
        JSON.stringify(container.resizePolicy ?? []) === JSON.stringify(other.resizePolicy ?? [])
      )
    })
  )
}
