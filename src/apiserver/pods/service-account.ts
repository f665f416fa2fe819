import type { Container, Pod, PodSpec } from '../../domain/pod.ts'
import type { Call } from '../call.ts'
import type { KubeObject } from '../kube-object.ts'
import { generateName } from '../meta/generate-name.ts'
import { forbidden } from '../status-error.ts'

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount'
/** A little over an hour, as kube-apiserver asks for: clients that renew hourly are in time. */
const expirationSeconds = 3607

interface ServiceAccount extends KubeObject {
  readonly automountServiceAccountToken?: boolean
  readonly imagePullSecrets?: NonNullable<PodSpec['imagePullSecrets']>
}

interface AccountFields {
  readonly serviceAccountName?: string
  readonly automountServiceAccountToken?: boolean
}

/**
 * The new pod with what its service account gives it: secrets for pulling images and,
 * where the node can mount one, a token that containers find at the usual place.
 *
 * @param calledName what the client calls the pod.
 * @throws StatusError 403 when there is no such account. `default` may still be on its
 *   way: every namespace gets one.
 * @see Kubernetes plugin/pkg/admission/serviceaccount
 */
export function withServiceAccount(call: Call, pod: Pod, calledName: string): Pod {
  const { store, mountTokens } = call.server
  const spec = pod.spec as Pod['spec'] & AccountFields
  const { serviceAccountName: name = 'default', imagePullSecrets = [] } = spec
  const namespace = call.target.namespace ?? ''
  const account: ServiceAccount | undefined = store.latest(
    'serviceaccounts',
    `${namespace}/${name}`,
  )?.object
  if (account === undefined && name !== 'default') {
    const why = `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`
    throw forbidden(call.target.kind, calledName, why)
  }
  const secrets = imagePullSecrets.length > 0 ? imagePullSecrets : account?.imagePullSecrets
  const complete =
    secrets === undefined || secrets.length === 0 ? {} : { imagePullSecrets: secrets }
  const next = { ...pod, spec: { ...spec, ...complete } }
  const automount =
    spec.automountServiceAccountToken ?? account?.automountServiceAccountToken ?? true
  return mountTokens && automount ? withToken(next) : next
}

/** The volume and its mounts in every container that has nothing there yet. */
function withToken(pod: Pod): Pod {
  const { containers, initContainers, volumes = [] } = pod.spec
  const name = generateName('kube-api-access-')
  const add = (container: Container): Container => {
    const { volumeMounts = [] } = container
    if (volumeMounts.some((one) => one.mountPath === mountPath)) return container
    return { ...container, volumeMounts: [...volumeMounts, { name, readOnly: true, mountPath }] }
  }
  const all = [...containers, ...(initContainers ?? [])]
  if (all.every((container) => add(container) === container)) return pod
  return {
    ...pod,
    spec: {
      ...pod.spec,
      containers: containers.map(add),
      ...(initContainers && { initContainers: initContainers.map(add) }),
      volumes: [...volumes, { name, projected: { defaultMode: 0o644, sources } }],
    },
  }
}

const sources = [
  { serviceAccountToken: { expirationSeconds, path: 'token' } },
  { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
  {
    downwardAPI: {
      items: [
        { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } },
      ],
    },
  },
]
