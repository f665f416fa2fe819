import type { Container, Pod, PodStatus, ResourceRequirements } from '../../src/domain/pod.ts'

// Pure tests of src/operate are here against clusters that no test can have: old versions,
// rights that are missing, nodes that never answer. test/versions has the real verbs.

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
  /** Who may not touch `pods/resize`: 403 even where there is no such path. @default false */
  readonly forbidsResize?: boolean
  /** Whether the server counts generations (1.33 and later). @default true */
  readonly hasGeneration?: boolean
  /** Whether a pod's own size can be changed, and is not dropped (1.36 and later). @default true */
  readonly resizesPodLevel?: boolean
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
  const limits = { ...old.limits, ...patch.limits }
  // Without a request the limit is one, says an API server.
  const requests = { ...limits, ...old.requests, ...patch.requests }
  return { ...old, requests, ...(Object.keys(limits).length > 0 && { limits }) }
}

/**
 * Pods behind the Kubernetes API, as a Fetch: get, list, watch and patch of their sizes. A
 * test plays the node by `setStatus`; what names no pod is about the first. No socket, no clock.
 */
export class FakePodApi {
  readonly requests: string[] = []
  readonly patches: unknown[] = []
  /** Of the last request. */
  headers: Headers | undefined
  /** Answers the next patch instead of carrying it out. */
  failNextPatch: FakeFailure | undefined
  /** Answers patches like this for as long as it says something. */
  failPatches: (how: {
    readonly name: string
    readonly dryRun: boolean
  }) => FakeFailure | undefined = () => undefined
  /** Called after each patch, with the pod as it is then. */
  onPatched: (pod: Pod) => void = () => {}
  /** Node objects by name; a node that is not here is not found. */
  readonly nodes = new Map<string, object>()
  /** Answers to any other path, such as `GET /api/v1`. */
  readonly others = new Map<string, object>()
  readonly #version: FakeVersion
  readonly #watches = new Map<ReadableStreamDefaultController<Uint8Array>, string>()
  readonly #pods = new Map<string, Pod>()
  readonly #first: string
  #resourceVersion = 100

  constructor(pods: Pod | readonly Pod[], version: FakeVersion = {}) {
    this.#version = version
    const all = 'metadata' in pods ? [pods] : pods
    for (const pod of all) this.#pods.set(pod.metadata.name, this.#stamped(pod))
    this.#first = all[0]?.metadata.name ?? ''
  }

  get pod(): Pod {
    return this.podNamed(this.#first)
  }

  podNamed(name: string): Pod {
    const pod = this.#pods.get(name)
    if (pod === undefined) throw new Error(`The pod ${name} is deleted`)
    return pod
  }

  /** Open watches now. */
  get watches(): number {
    return this.#watches.size
  }

  /** The node writes the status. */
  setStatus(status: PodStatus, name = this.#first): void {
    const pod = this.podNamed(name)
    this.#set({ ...pod, status: { ...pod.status, ...status } })
  }

  /** Somebody writes the whole pod. */
  set(pod: Pod): void {
    this.#set(pod)
  }

  delete(name = this.#first): void {
    const pod = this.podNamed(name)
    this.#pods.delete(name)
    this.#tell({ type: 'DELETED', object: pod })
  }

  /** Breaks every open watch, as a proxy or a restart does. */
  cutWatches(): void {
    for (const watch of this.#watches.keys()) watch.error(new Error('connection reset'))
    this.#watches.clear()
  }

  readonly fetch = async (request: Request): Promise<Response> => {
    const url = new URL(request.url)
    this.headers = request.headers
    this.requests.push(`${request.method} ${url.pathname}${url.search}`)
    if (url.searchParams.get('watch') === 'true') return this.#watch(url, request.signal)
    const [, name, subresource] = /\/pods\/([^/]+)(?:\/(\w+))?$/.exec(url.pathname) ?? []
    if (name === undefined) return this.#other(request.method, url)
    const pod = this.#pods.get(name)
    if (pod === undefined) {
      return status(404, 'NotFound', `pods "${name}" not found`, { name, kind: 'pods' })
    }
    if (request.method === 'GET') return Response.json(pod)
    if (subresource === 'resize' && this.#version.forbidsResize === true) {
      return status(403, 'Forbidden', `pods "${name}" is forbidden`, { name, kind: 'pods' })
    }
    if (subresource === 'resize' && this.#version.hasResize === false) {
      return status(404, 'NotFound', 'the server could not find the requested resource')
    }
    const dryRun = url.searchParams.get('dryRun') === 'All'
    return this.#patch(pod, (await request.json()) as Pod, dryRun)
  }

  #other(method: string, url: URL): Response {
    const known = this.others.get(`${method} ${url.pathname}`)
    if (known !== undefined) return Response.json(known)
    if (url.pathname === '/api/v1') {
      const names = this.#version.hasResize === false ? ['pods'] : ['pods', 'pods/resize']
      return Response.json({ resources: names.map((name) => ({ name, verbs: ['get', 'patch'] })) })
    }
    if (url.pathname === '/version') return Response.json({ gitVersion: 'v1.36.0' })
    if (url.pathname.endsWith('/pods')) return Response.json(this.#list(url))
    const [, node = ''] = /\/nodes\/([^/]+)$/.exec(url.pathname) ?? []
    const found = this.nodes.get(node)
    if (found !== undefined) return Response.json(found)
    return status(404, 'NotFound', `${url.pathname} not found`)
  }

  #list(url: URL): object {
    const [key = '', value = ''] = url.searchParams.get('labelSelector')?.split('=') ?? []
    const [, node] = url.searchParams.get('fieldSelector')?.split('spec.nodeName=') ?? []
    const items = [...this.#pods.values()].filter(
      ({ metadata, spec }) =>
        (key === '' || metadata.labels?.[key] === value) &&
        (node === undefined || spec.nodeName === node),
    )
    return { kind: 'PodList', metadata: { resourceVersion: `${this.#resourceVersion}` }, items }
  }

  #patch(old: Pod, patch: Pod, dryRun: boolean): Response {
    this.patches.push(patch)
    const failure = this.failNextPatch ?? this.failPatches({ name: old.metadata.name, dryRun })
    this.failNextPatch = undefined
    if (failure !== undefined) {
      const { code, reason, message, causes } = failure
      return status(code, reason, message, { name: old.metadata.name, causes })
    }
    const { spec, metadata } = old
    const resized = (container: Container): Container => {
      const change = patch.spec.containers?.find(({ name }) => name === container.name)
      if (change === undefined) return container
      return { ...container, resources: mergedResources(container.resources, change.resources) }
    }
    const containers = spec.containers.map(resized)
    const { resources } = patch.spec
    const isTaken = resources !== undefined && this.#version.resizesPodLevel !== false
    const sized = {
      ...spec,
      containers,
      ...(isTaken && { resources: mergedResources(spec.resources, resources) }),
    }
    const changes = JSON.stringify(sized) !== JSON.stringify(spec)
    const counted =
      this.#version.hasGeneration === false || !changes
        ? {}
        : { generation: (metadata.generation ?? 1) + 1 }
    const pod = {
      ...old,
      metadata: { ...metadata, ...counted },
      spec: sized,
    }
    if (dryRun) return Response.json(pod)
    this.#set(pod)
    const kept = this.podNamed(old.metadata.name)
    const answer = Response.json(kept)
    this.onPatched(kept)
    return answer
  }

  #watch(url: URL, signal: AbortSignal): Response {
    const since = Number(url.searchParams.get('resourceVersion') ?? 0)
    const [, name = ''] = url.searchParams.get('fieldSelector')?.split('metadata.name=') ?? []
    const watches = this.#watches
    const now = this.#pods.get(name)
    let own: ReadableStreamDefaultController<Uint8Array>
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        own = controller
        watches.set(controller, name)
        if (now !== undefined && Number(now.metadata.resourceVersion ?? 0) > since) {
          controller.enqueue(this.#line({ type: 'MODIFIED', object: now }))
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
    const stamped = this.#stamped(pod)
    this.#pods.set(pod.metadata.name, stamped)
    this.#tell({ type: 'MODIFIED', object: stamped })
  }

  #tell(event: WatchEvent): void {
    for (const [watch, name] of this.#watches) {
      if (name === event.object.metadata.name) watch.enqueue(this.#line(event))
    }
  }

  #line(event: WatchEvent): Uint8Array {
    return new TextEncoder().encode(`${JSON.stringify(event)}\n`)
  }
}

/** A running pod with one container, settled at `resources`. */
export function runningPod(
  resources: ResourceRequirements,
  extra: Partial<Container> = {},
  name = 'web',
): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: name === 'web' ? '0c0ffee0-1234-4abc-8def-0123456789ab' : `uid-${name}`,
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

/** What the node reports of a pod whose container has not started yet, for that reason. */
export function waitingStatus(resources: ResourceRequirements, reason: string): PodStatus {
  const status = settledStatus(resources, 1)
  const containerStatuses = (status.containerStatuses ?? []).map((one) => ({
    ...one,
    state: { waiting: { reason } },
  }))
  return { ...status, phase: 'Pending', containerStatuses }
}
