import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KnownTokens } from '../../src/apiserver/auth/known-tokens.ts'
import { loadTokenKey } from '../../src/apiserver/auth/token-key.ts'
import { createApiServer, type ApiServer } from '../../src/apiserver/api-server.ts'
import type { NodeStreams } from '../../src/apiserver/node-streams.ts'
import { serveApi, type Serving } from '../../src/apiserver/serve.ts'
import { writeKubeconfig } from '../../src/apiserver/tls/kubeconfig.ts'
import { loadPki, type Pki } from '../../src/apiserver/tls/pki.ts'
import type { UnreadLimits } from '../../src/apiserver/unread-answers.ts'

export interface HttpsApiOptions {
  /** Kept at the end; a new one is made and removed without it. */
  readonly directory?: string
  readonly port?: number
  readonly streams?: NodeStreams
  readonly knownTokens?: KnownTokens
  readonly unread?: UnreadLimits
  readonly onStep?: (step: string) => void
}

/** An API server in this process that listens on 127.0.0.1, with its kubeconfig. */
export class HttpsApi implements AsyncDisposable {
  readonly api: ApiServer
  readonly serving: Serving
  readonly pki: Pki
  readonly directory: string
  readonly kubeconfig: string
  readonly errors: unknown[]
  readonly #temporary: boolean

  private constructor(
    parts: Pick<HttpsApi, 'api' | 'serving' | 'pki' | 'directory' | 'kubeconfig' | 'errors'>,
    temporary: boolean,
  ) {
    this.api = parts.api
    this.serving = parts.serving
    this.pki = parts.pki
    this.directory = parts.directory
    this.kubeconfig = parts.kubeconfig
    this.errors = parts.errors
    this.#temporary = temporary
  }

  static async start(options: HttpsApiOptions = {}): Promise<HttpsApi> {
    const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'podfit-https-')))
    const pki = await loadPki(join(directory, 'pki'))
    const errors: unknown[] = []
    const onError = (error: unknown) => errors.push(error)
    const api = await createApiServer({
      database: join(directory, 'api.db'),
      authority: pki.authority.certificate,
      tokenKey: await loadTokenKey(join(directory, 'pki')),
      onError,
      ...(options.streams === undefined ? {} : { streams: options.streams }),
      ...(options.knownTokens === undefined ? {} : { knownTokens: options.knownTokens }),
      ...(options.onStep === undefined ? {} : { onStep: options.onStep }),
    })
    const serving = await serveApi({
      api,
      pki,
      host: '127.0.0.1',
      port: options.port ?? 0,
      onError,
      ...(options.unread === undefined ? {} : { unread: options.unread }),
    })
    const kubeconfig = join(directory, 'kubeconfig')
    await writeKubeconfig(kubeconfig, serving.url, pki)
    const parts = { api, serving, pki, directory, kubeconfig, errors }
    return new HttpsApi(parts, options.directory === undefined)
  }

  async stop(): Promise<void> {
    this.api.close()
    await this.serving.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    if (this.#temporary) await rm(this.directory, { recursive: true, force: true })
  }
}
