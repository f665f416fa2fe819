import type { ApiServer } from '../../apiserver/api-server.ts'
import { serveApi, type Serving } from '../../apiserver/serve.ts'
import { writeKubeconfig } from '../../apiserver/tls/kubeconfig.ts'
import { loadPki, type Pki } from '../../apiserver/tls/pki.ts'
import type { DataDirectory } from '../data/data-directory.ts'
import type { RunningRuntime } from './start-runtime.ts'

/** Where `podfit up` serves the API. */
export interface ServingChoice {
  readonly host: string
  readonly port: number
  readonly onError: (error: unknown) => void
}

/** Serves the API to clients of this machine, and writes the kubeconfig that they use. */
export async function serveLocally(
  api: ApiServer,
  pki: Pki,
  { kubeconfig }: DataDirectory,
  choice: ServingChoice,
): Promise<Serving> {
  const serving = await serveApi({ api, pki, ...choice })
  await writeKubeconfig(kubeconfig, serving.url, pki)
  return serving
}

const portForPods = 6443
const serviceNames = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc']

/**
 * A second listener, on the bridge only, by which pods reach the API. Its port stays the
 * same, because containers keep their environment when podfit is started again.
 *
 * @throws Error if the network of the pods is another's.
 */
export async function serveForPods(
  api: ApiServer,
  runtime: RunningRuntime,
  directory: DataDirectory,
  { host, onError }: ServingChoice,
): Promise<Serving & { readonly host: string }> {
  if (runtime.gateway === undefined) {
    throw new Error(
      'Cannot serve the API to pods: their network is that of --runtime-endpoint; leave out --api-for-pods',
    )
  }
  const gateway = await runtime.gateway()
  const pki = await loadPki(directory.pki, [host, gateway, ...serviceNames])
  const serving = await serveApi({ api, pki, host: gateway, port: portForPods, onError })
  return { ...serving, host: gateway }
}
