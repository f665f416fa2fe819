import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { extract } from 'tar-stream'
import { imageArchive } from '../../src/containerd/image/image-archive.ts'
import { findProgram } from '../../src/containerd/machine/find-program.ts'

/**
 * An image registry on this machine that has one image, under any name: busybox. What is
 * below `private/` only the one login may have; what is below `silent/` has no answer.
 *
 * @see https://github.com/opencontainers/distribution-spec
 */
export class TestRegistry implements AsyncDisposable {
  readonly login = { username: 'somebody', password: 'secret' } as const
  /** What was asked for, such as `GET open/app/manifests/1`. */
  readonly requests: string[] = []
  readonly #server = createServer((request, response) => this.#answer(request, response))
  readonly #blobs = new Map<string, Buffer>()
  #manifest = ''

  static async start(): Promise<TestRegistry> {
    const registry = new TestRegistry()
    await registry.#makeImage()
    registry.#server.listen(0, '127.0.0.1')
    await once(registry.#server, 'listening')
    return registry
  }

  /** `127.0.0.1:40001`. */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** How often somebody asked which image a tag is. */
  resolved(name: string, tag: string): number {
    const path = `${name}/manifests/${tag}`
    return this.requests.filter((one) => one.endsWith(path)).length
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #makeImage(): Promise<void> {
    const content = readFileSync(findProgram('busybox') ?? 'busybox')
    const archive = await imageArchive(
      [
        { kind: 'directory', path: 'bin', mode: 0o755 },
        { kind: 'file', path: 'bin/busybox', mode: 0o755, content },
        { kind: 'link', path: 'bin/sh', to: 'busybox' },
        { kind: 'link', path: 'bin/sleep', to: 'busybox' },
      ],
      [{ name: 'test:1', command: ['sh'], env: ['PATH=/bin'] }],
    )
    const reading = extract()
    reading.end(archive)
    for await (const entry of reading) {
      const { name } = entry.header
      const data = await buffer(entry)
      if (name.startsWith('blobs/sha256/')) this.#blobs.set(`sha256:${name.slice(13)}`, data)
      if (name !== 'index.json') continue
      const index = JSON.parse(data.toString()) as { manifests: { digest: string }[] }
      this.#manifest = index.manifests[0]?.digest ?? ''
    }
  }

  #answer({ method = '', url = '', headers }: IncomingMessage, response: ServerResponse): void {
    const path = url.replace(/^\/v2\//, '').replace(/\?.*$/, '')
    this.requests.push(`${method} ${path}`)
    if (path.startsWith('silent/')) return
    const { username, password } = this.login
    const wanted = `Basic ${btoa(`${username}:${password}`)}`
    if (path.startsWith('private/') && headers.authorization !== wanted) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end()
      return
    }
    const [, kind = '', reference = ''] = /\/(manifests|blobs)\/([^/]+)$/.exec(path) ?? []
    const isTag = kind === 'manifests' && !reference.startsWith('sha256:')
    const digest = isTag ? this.#manifest : reference
    const data = this.#blobs.get(digest)
    if (data === undefined) {
      response.writeHead(path === '' ? 200 : 404).end()
      return
    }
    const type =
      kind === 'manifests'
        ? 'application/vnd.oci.image.manifest.v1+json'
        : 'application/octet-stream'
    response.writeHead(200, {
      'content-type': type,
      'content-length': data.length,
      'docker-content-digest': digest,
    })
    response.end(method === 'HEAD' ? undefined : data)
  }
}
