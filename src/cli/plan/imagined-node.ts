import { parseQuantity } from '../../domain/quantity/quantity.ts'
import { defaultVersion } from '../../domain/kube-version.ts'
import type { ClusterFacts } from '../../operate/cluster/cluster-facts.ts'
import { usageError } from '../cli-error.ts'

/** The size of a node that is only thought of. */
export interface ImaginedNode {
  readonly cpu?: string
  readonly memory?: string
}

/** Its name. */
export const imaginedNode = 'node'

/**
 * A node of the size that the flags name, with nothing on it.
 *
 * @throws CliError (usage) if one of them is no quantity.
 */
export function imaginedFacts({ cpu, memory }: ImaginedNode): ClusterFacts {
  for (const text of [cpu, memory]) {
    if (text !== undefined && parseQuantity(text) === undefined) {
      throw usageError(`Cannot use '${text}' as the size of a node: it is no quantity`)
    }
  }
  return {
    version: () => Promise.resolve(defaultVersion),
    node: () => {
      if (cpu === undefined || memory === undefined) {
        const why = 'no node was given (--node-cpu, --node-memory), so room is not judged'
        return Promise.resolve({ kind: 'unseen', why })
      }
      const allocatable = { cpu, memory, pods: '110' }
      return Promise.resolve({
        kind: 'seen',
        seen: { name: imaginedNode, node: { allocatable }, kubelet: {}, pods: [] },
      })
    },
  }
}
