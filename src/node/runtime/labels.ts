import type { Container, Pod } from '../../domain/pod.ts'

export const podUidLabel = 'io.kubernetes.pod.uid'
const containerNameLabel = 'io.kubernetes.container.name'

/** Marks what belongs to one podfit, since a runtime may have other users. */
export const instanceLabel = 'podfit.dev/instance'

/** The labels that a kubelet gives to sandboxes and containers, and this podfit's mark. */
export function runtimeLabels(
  { metadata }: Pod,
  instance: string,
  container?: string,
): Readonly<Record<string, string>> {
  return {
    ...(container === undefined ? metadata.labels : { [containerNameLabel]: container }),
    'io.kubernetes.pod.name': metadata.name,
    'io.kubernetes.pod.namespace': metadata.namespace ?? 'default',
    [podUidLabel]: metadata.uid ?? '',
    [instanceLabel]: instance,
  }
}

export const imageAnnotation = 'podfit.dev/image'
export const messagePolicyAnnotation = 'io.kubernetes.container.terminationMessagePolicy'

/** What the node has to know of a container that runs or has ended, also after a restart of its own. */
export function runtimeAnnotations(container: Container): Readonly<Record<string, string>> {
  return {
    [imageAnnotation]: container.image ?? '',
    [messagePolicyAnnotation]: container.terminationMessagePolicy ?? 'File',
  }
}
