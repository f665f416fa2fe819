import type { Pod } from '../../domain/pod.ts'
import type { Run } from '../../operate/resize/run.ts'
import { ownManager, type Moment } from '../../operate/why/patch-moments.ts'
import { partText } from '../../operate/pod-part.ts'
import { itemChange } from '../render/group-lines.ts'

/** When podfit itself asked for a size of the pod, as the journals of these runs have it. */
export function journalMoments({ metadata }: Pod, runs: readonly Run[]): readonly Moment[] {
  return runs.flatMap(({ begun, items }) =>
    begun.items.flatMap((item, index): readonly Moment[] => {
      const { sentAt, direction } = items[index] ?? {}
      const isIt =
        item.name === metadata.name &&
        item.namespace === (metadata.namespace ?? 'default') &&
        (item.uid === undefined || item.uid === metadata.uid)
      if (!isIt || sentAt === undefined) return []
      const { from, to } = item
      const change = itemChange(direction === 'back' ? { from: to, to: from } : { from, to })
      const what = `asked for ${change} (${partText(item.container)}, run ${begun.id})`
      return [{ at: sentAt, source: ownManager, what }]
    }),
  )
}
