import type { Pod } from '../domain/pod.ts'

export const podUidLabel = 'io.kubernetes.pod.uid'
export const containerNameLabel = 'io.kubernetes.container.name'

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
