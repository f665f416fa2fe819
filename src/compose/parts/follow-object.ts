import type { ReferencedObject, ReferenceKind } from '../../domain/lifecycle/reference.ts'
import type { KubeClient } from '../../kube/client/kube-client.ts'
import type { KubeObject } from '../../kube/object/kube-object.ts'
import { configMaps, type KubeResource, secrets } from '../../kube/object/resource.ts'
import { startInformer } from '../../kube/watch/informer.ts'
import type { ObjectSource } from '../../node/api/referenced-objects.ts'

const resources: Readonly<Record<ReferenceKind, KubeResource>> = {
  configmap: configMaps,
  secret: secrets,
}

/** Single ConfigMaps and Secrets, watched by name as a kubelet may. */
export function objectSource(
  client: KubeClient,
  onError: (message: string, error: unknown) => void,
): ObjectSource {
  return {
    follow({ kind, namespace, name }, onChange, signal) {
      const tell = (object: KubeObject): void => onChange(object as ReferencedObject)
      const informer = startInformer({
        client,
        resource: resources[kind],
        selection: { namespace, fieldSelector: `metadata.name=${name}` },
        handlers: { onAdd: tell, onUpdate: tell, onDelete: () => onChange(undefined) },
        onError: (error) => onError(`The watch of ${kind} ${namespace}/${name} broke`, error),
        signal,
      })
      return informer.synced
    },
  }
}
