import type { ApiServer } from '../../apiserver/api-server.ts'
import { createKubeClient } from '../../kube/client/client.ts'
import type { KubeClient } from '../../kube/client/kube-client.ts'
import { patchContentType } from '../../kube/object/patch.ts'
import type { Api } from '../../node/api/api.ts'

/**
 * A client of the API server in this process: the same requests as over a
 * socket, given to the server's function.
 */
export function inProcessClient(
  api: ApiServer,
  user: string,
  groups: readonly string[],
): KubeClient {
  const env = { user: { name: user, groups: [...groups] } }
  return createKubeClient({
    fetch: (request) => api.fetch(request, env),
    server: 'http://podfit.internal',
    userAgent: user.replace(/^system:/, ''),
  })
}

/** What node and scheduler ask of an API, by path. */
export function pathApi(client: KubeClient): Api {
  return {
    async create(path, body) {
      return (await client.request({ method: 'POST', path, body })).json()
    },
    async patch(path, type, body) {
      const contentType = patchContentType[type]
      return (await client.request({ method: 'PATCH', path, body, contentType })).json()
    },
    async delete(path, body) {
      return (await client.request({ method: 'DELETE', path, body })).json()
    },
  }
}
