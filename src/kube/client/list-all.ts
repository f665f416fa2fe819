import type { KubeList, KubeObject } from '../object/kube-object.ts'
import type { KubeResource } from '../object/resource.ts'
import type { KubeClient, ListOptions } from './kube-client.ts'

/** As client-go's pager. */
const defaultPageSize = 500

/**
 * A whole collection, page by page. All pages show the state of the first.
 *
 * @throws KubeError code 410 if the server forgot that state meanwhile: begin again.
 */
export async function listAll<T extends KubeObject>(
  client: Pick<KubeClient, 'list'>,
  resource: KubeResource<T>,
  options: ListOptions = {},
): Promise<KubeList<T>> {
  const limit = options.limit ?? defaultPageSize
  const first = await client.list(resource, { ...options, limit })
  const items = [...first.items]
  for (let next = first.metadata.continue; next;) {
    const page = await client.list(resource, { ...options, limit, continue: next })
    items.push(...page.items)
    next = page.metadata.continue
  }
  return { ...first, items }
}
