import type { Container, Pod, PodStatus, ResourceRequirements } from '../../src/domain/pod.ts'

/** What the API answers to a request instead of doing it. */
export interface FakeFailure {
  readonly code: number
  readonly reason: string
  readonly message: string
  readonly causes?: readonly object[]
}

/** How a Kubernetes version behaves. */
export interface FakeVersion {
  /** Whether `pods/resize` exists (1.32 and later). @default true */
  readonly hasResize?: boolean
  /** Whether the server counts generations (1.33 and later). @default true */
  readonly hasGeneration?: boolean
}

type WatchEvent = { readonly type: string; readonly object: Pod }

function status(code: number, reason: string, message: string, details: object = {}): Response {
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    code,
    reason,
    message,
    details,
  }
  return Response.json(body, { status: code })
}

function mergedResources(
  old: ResourceRequirements = {},
  patch: ResourceRequirements = {},
): ResourceRequirements {
  return {
    ...old,
    ...(patch.requests && { requests: { ...old.requests, ...patch.requests } }),
    ...(patch.limits && { limits: { ...old.limits, ...patch.limits } }),
  }
}

/**
 * One pod behind the Kubernetes API, as a Fetch: get, watch and patch of its sizes. A test
 * plays the node by `setStatus`. No socket, no clock.
 */
export class FakePodApi {
  readonly requests: string[] = []
  readonly patches: unknown[] = []
  /** Answers the next patch instead of carrying it out. */
  failNextPatch: FakeFailure | undefined
  /** Called after each patch, with the pod as it is then. */
  onPatched: (pod: Pod) => void = () => {}
  readonly #version: FakeVersion
  readonly #watches = new Set<ReadableStreamDefaultController<Uint8Array>>()
  #pod: Pod | undefined
  #resourceVersion = 100

  constructor(pod: Pod, version: FakeVersion = {}) {
    this.#version = version
    this.#pod = this.#stamped(pod)
  }

  get pod(): Pod {
    if (this.#pod === undefined) throw new Error('The pod is deleted')
    return this.#pod
  }

  /** Open watches now. */
  get watches(): number {
    return this.#watches.size
  }

  /** The node writes the status. */
  setStatus(status: PodStatus): void {
    this.#set({ ...this.pod, status: { ...this.pod.status, ...status } })
  }

  /** Somebody writes the whole pod. */
  set(pod: Pod): void {
    this.#set(pod)
  }

  delete(): void {
    const pod = this.pod
    this.#pod = undefined
    this.#tell({ type: 'DELETED', object: pod })
  }

  /** Breaks every open watch, as a proxy or a restart does. */
  cutWatches(): void {
    for (const watch of this.#watches) watch.error(new Error('connection reset'))
    this.#watches.clear()
  }

  readonly fetch = async (request: Request): Promise<Response> => {
    const url = new URL(request.url)
    this.requests.push(`${request.method} ${url.pathname}${url.search}`)
    if (url.searchParams.get('watch') === 'true') return this.#watch(url, request.signal)
    const [, name, subresource] = /\/pods\/([^/]+)(?:\/(\w+))?$/.exec(url.pathname) ?? []
    if (this.#pod === undefined || name !== this.#pod.metadata.name) {
      return status(404, 'NotFound', `pods "${name}" not found`, { name, kind: 'pods' })
    }
    if (request.method === 'GET') return Response.json(this.#pod)
    if (subresource === 'resize' && this.#version.hasResize === false) {
      return status(404, 'NotFound', 'the server could not find the requested resource')
    }
    const dryRun = url.searchParams.get('dryRun') === 'All'
    return this.#patch((await request.json()) as Pod, dryRun)
  }

  #patch(patch: Pod, dryRun: boolean): Response {
    this.patches.push(patch)
    const failure = this.failNextPatch
    this.failNextPatch = undefined
    if (failure !== undefined) {
      const { code, reason, message, causes } = failure
      return status(code, reason, message, { name: this.pod.metadata.name, causes })
    }
    const { spec, metadata } = this.pod
    const resized = (container: Container): Container => {
      const change = patch.spec.containers?.find(({ name }) => name === container.name)
      if (change === undefined) return container
      return { ...container, resources: mergedResources(container.resources, change.resources) }
    }
    const counted =
      this.#version.hasGeneration === false ? {} : { generation: (metadata.generation ?? 1) + 1 }
    const pod = {
      ...this.pod,
      metadata: { ...metadata, ...counted },
      spec: { ...spec, containers: spec.containers.map(resized) },
    }
    if (dryRun) return Response.json(pod)
    this.#set(pod)
    const answer = Response.json(this.pod)
    this.onPatched(this.pod)
    return answer
  }

  #watch(url: URL, signal: AbortSignal): Response {
    const since = Number(url.searchParams.get('resourceVersion') ?? 0)
    const watches = this.#watches
    let own: ReadableStreamDefaultController<Uint8Array>
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        own = controller
        watches.add(controller)
        if (Number(this.#pod?.metadata.resourceVersion ?? 0) > since && this.#pod !== undefined) {
          controller.enqueue(this.#line({ type: 'MODIFIED', object: this.#pod }))
        }
        signal.addEventListener('abort', () => {
          if (watches.delete(controller)) controller.error(signal.reason)
        })
      },
      cancel: () => void watches.delete(own),
    })
    return new Response(body)
  }

  #stamped(pod: Pod): Pod {
    this.#resourceVersion += 1
    return { ...pod, metadata: { ...pod.metadata, resourceVersion: `${this.#resourceVersion}` } }
  }

  #set(pod: Pod): void {
    this.#pod = this.#stamped(pod)
    this.#tell({ type: 'MODIFIED', object: this.#pod })
  }

  #tell(event: WatchEvent): void {
    for (const watch of this.#watches) watch.enqueue(this.#line(event))
  }

  #line(event: WatchEvent): Uint8Array {
    return new TextEncoder().encode(`${JSON.stringify(event)}\n`)
  }
}

/** A running pod with one container, settled at `resources`. */
export function runningPod(resources: ResourceRequirements, extra: Partial<Container> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web',
      namespace: 'default',
      uid: '0c0ffee0-1234-4abc-8def-0123456789ab',
      generation: 1,
    },
    spec: { nodeName: 'n1', containers: [{ name: 'app', image: 'busybox', resources, ...extra }] },
    status: settledStatus(resources, 1),
  }
}

/** What the node reports once `resources` are granted and carried out. */
export function settledStatus(
  resources: ResourceRequirements,
  generation: number,
  { restartCount = 0, containerID = 'containerd://c1' } = {},
): PodStatus {
  return {
    phase: 'Running',
    observedGeneration: generation,
    hostIP: '192.0.2.1',
    conditions: [],
    containerStatuses: [
      {
        name: 'app',
        ready: true,
        started: true,
        restartCount,
        image: 'busybox',
        imageID: '',
        containerID,
        state: { running: {} },
        ...(resources.requests && { allocatedResources: resources.requests }),
        resources,
      },
    ],
  }
}
