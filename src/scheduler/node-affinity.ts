import { labelValue } from '../domain/labels/label-value.ts'
import type { NodeSelectorRequirement, NodeSelectorTerm, PodSpec } from '../domain/pod.ts'
import { meetsRequirement } from './label-requirement.ts'
import type { NodeRoom } from './node-room.ts'

/** Whether the node is one of those that the pod asks for, by nodeSelector and by affinity. */
export function wantsNode({ nodeSelector, affinity }: PodSpec, node: NodeRoom): boolean {
  const selector = Object.entries(nodeSelector ?? {})
  if (selector.some(([key, value]) => labelValue(node.labels, key) !== value)) return false
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return required === undefined || required.nodeSelectorTerms.some((term) => holds(term, node))
}

function holds({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: NodeRoom) {
  if (matchExpressions.length + matchFields.length === 0) return false
  return (
    matchExpressions.every((asked) => isMet(asked, labelValue(node.labels, asked.key))) &&
    matchFields.every((asked) => isMet(asked, asked.key === 'metadata.name' ? node.name : ''))
  )
}

function isMet(asked: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (asked.operator) {
    case 'Gt':
      return wholeNumber(value) > wholeNumber(asked.values?.[0])
    case 'Lt':
      return wholeNumber(value) < wholeNumber(asked.values?.[0])
    default:
      return meetsRequirement(asked, value)
  }
}

/** NaN, which is neither more nor less, for what is no whole number. */
function wholeNumber(text: string | undefined): number {
  return text !== undefined && /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN
}
