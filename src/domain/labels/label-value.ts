/**
 * The value of a label or an annotation; undefined where there is none. Anybody chooses the
 * key: `constructor` is one like any other, which every JavaScript object seems to have.
 */
export function labelValue(
  labels: Readonly<Record<string, string>> | undefined,
  key: string,
): string | undefined {
  return labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined
}
