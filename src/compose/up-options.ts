import type { KubeVersion } from '../domain/kube-version.ts'
import type { NodePolicies } from '../node/node-policies.ts'
import type { RuntimeChoice } from './parts/start-runtime.ts'

/** What may be chosen of `podfit up`. */
export interface UpOptions extends RuntimeChoice, NodePolicies {
  /** @default /var/lib/podfit */
  readonly dataDir?: string
  /** @default 127.0.0.1 */
  readonly host?: string
  /** 0 takes any free one. @default 6443 */
  readonly port?: number
  /** @default the machine's host name */
  readonly nodeName?: string
  /** The Kubernetes to behave like. @default the newest known */
  readonly kubeVersion?: KubeVersion
  /**
   * Serves the API also on the bridge of the pods. There is no RBAC here: with the token
   * that pods have, they may do everything.
   * @default false
   */
  readonly apiForPods?: boolean
  /** Bearer tokens by which the API knows users, as `kube-apiserver --token-auth-file`. */
  readonly tokenFile?: string
  /** Told of each step of the start, in one line. */
  readonly progress?: (line: string) => void
  /** Breaks the start off; one that is over is ended by disposing. */
  readonly signal?: AbortSignal
}
