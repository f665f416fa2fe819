/** The media types of the patches that the server applies. */
export const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const

export type PatchType = (typeof patchTypes)[keyof typeof patchTypes]

const known: ReadonlyMap<string, PatchType> = new Map(
  Object.values(patchTypes).map((type) => [type, type]),
)

/** The type of a patch by its Content-Type, parameters left out; undefined for any other. */
export function patchTypeOf(contentType: string): PatchType | undefined {
  return known.get(contentType) ?? known.get((contentType.split(';')[0] ?? '').trim().toLowerCase())
}
