import type { PodPart } from '../../operate/pod-part.ts'

/** In the column CONTAINER of a table: a container's name, or what no container is called. */
export function partCell(part: PodPart): string {
  return part ?? '(pod)'
}
