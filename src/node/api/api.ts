import { errorCode } from '../../domain/error-code.ts'
/** What the node asks of a Kubernetes API. Paths are the server's URL paths. */
export interface Api {
  create(path: string, object: object): Promise<unknown>
  patch(path: string, type: 'strategic' | 'merge', patch: object): Promise<unknown>
  delete(path: string, options?: object): Promise<unknown>
}

/** Where the node tells what happened to a pod. Events are best effort and never block. */
export interface EventSink {
  record(event: PodEvent): void
  /** About the node itself. */
  recordOfNode(event: Pick<PodEvent, 'type' | 'reason' | 'message'>): void
}

export interface PodEvent {
  readonly pod: { readonly name: string; readonly namespace: string; readonly uid: string }
  /** Set for an event about one container. */
  readonly container?: string
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
}

/** Whether the API answered with this HTTP status. */
export function isStatusCode(error: unknown, code: number): boolean {
  return errorCode(error) === code
}

/** The path of a pod, or of one of its subresources. */
export function podPath(
  pod: { readonly name: string; readonly namespace?: string },
  subresource?: string,
): string {
  const path = `/api/v1/namespaces/${pod.namespace ?? 'default'}/pods/${pod.name}`
  return subresource === undefined ? path : `${path}/${subresource}`
}
