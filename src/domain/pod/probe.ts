/** What is asked of a container, and how, as core/v1 has it. */

export interface HttpGetAction {
  readonly path?: string
  /** A number, or the name of one of the container's ports. */
  readonly port: number | string
  /** @default the pod's address */
  readonly host?: string
  /** @default HTTP */
  readonly scheme?: string
  readonly httpHeaders?: readonly { readonly name: string; readonly value: string }[]
}

export interface TcpSocketAction {
  readonly port: number | string
  readonly host?: string
}

/** One of them is set. */
export interface Handler {
  readonly exec?: { readonly command?: readonly string[] }
  readonly httpGet?: HttpGetAction
  readonly tcpSocket?: TcpSocketAction
}

/** One of them is set: what is done after a container's start or before its stop. */
export interface LifecycleHandler extends Handler {
  readonly sleep?: { readonly seconds: number }
}

export interface Lifecycle {
  readonly postStart?: LifecycleHandler
  readonly preStop?: LifecycleHandler
}

export interface Probe extends Handler {
  readonly grpc?: { readonly port: number; readonly service?: string }
  readonly initialDelaySeconds?: number
  readonly timeoutSeconds?: number
  readonly periodSeconds?: number
  readonly successThreshold?: number
  readonly failureThreshold?: number
  /** Grace for the kill after a failed liveness or startup probe; the pod's own without it. */
  readonly terminationGracePeriodSeconds?: number
}

export const probeKinds = ['startup', 'readiness', 'liveness'] as const
export type ProbeKind = (typeof probeKinds)[number]
