import { request, type Agent } from 'node:https'
import { createInterface } from 'node:readline'

export interface MapObject {
  readonly metadata: { readonly name: string; readonly resourceVersion: string }
  readonly data?: Readonly<Record<string, string>>
}

interface WatchLine {
  readonly type: string
  readonly object: MapObject & { readonly code?: number }
}

/**
 * What a client knows of config maps that only watches them: over deaths of the
 * server it goes on where it was, or begins anew when it is told 410.
 */
export class Mirror {
  readonly values = new Map<string, string | undefined>()
  resumed = 0
  expired = 0
  #version = ''

  /** Follows the server until that dies. `list` is the present, asked for when there is no way on. */
  async follow(
    agent: Agent,
    url: string,
    list: () => Promise<{ readonly version: string; readonly items: readonly MapObject[] }>,
  ): Promise<void> {
    if (this.#version === '') await this.#begin(list)
    else this.resumed += 1
    while (await this.#watch(agent, `${url}?watch=true&resourceVersion=${this.#version}`)) {
      this.expired += 1
      await this.#begin(list)
    }
  }

  async #begin(list: Parameters<Mirror['follow']>[2]): Promise<void> {
    const { version, items } = await list()
    this.values.clear()
    for (const { metadata, data } of items) this.values.set(metadata.name, data?.['value'])
    this.#version = version
  }

  /** Whether it ended because what came between is forgotten. */
  #watch(agent: Agent, url: string): Promise<boolean> {
    return new Promise((resolve) => {
      let expired = false
      const asking = request(url, { agent }, (response) => {
        const lines = createInterface({ input: response })
        lines.on('line', (line) => {
          const event = eventIn(line)
          if (event === undefined) return
          if (event.type === 'ERROR') expired = event.object.code === 410
          else this.#take(event)
        })
        response.on('close', () => resolve(expired))
        lines.on('error', () => undefined)
        response.on('error', () => undefined)
      })
      asking.on('error', () => resolve(false))
      asking.end()
    })
  }

  #take({ type, object }: WatchLine): void {
    const { name, resourceVersion } = object.metadata
    if (Number(resourceVersion) <= Number(this.#version)) {
      throw new Error(`an event of ${resourceVersion} after ${this.#version}`)
    }
    this.#version = resourceVersion
    if (type === 'DELETED') this.values.delete(name)
    else this.values.set(name, object.data?.['value'])
  }
}

/** Undefined for the last line before a kill, which may be half of one. */
function eventIn(line: string): WatchLine | undefined {
  try {
    return JSON.parse(line) as WatchLine
  } catch {
    return undefined
  }
}
