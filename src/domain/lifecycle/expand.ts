/**
 * Kubernetes' expansion of `$(NAME)` in command, args and env values: a known
 * name gives its value, an unknown one stays as it stands, `$$` is one `$`.
 */
export function expand(text: string, variables: ReadonlyMap<string, string>): string {
  // Behind the last bracket no name ends, and each `$(` there would be followed to the end.
  const end = text.lastIndexOf(')') + 1
  const expanded = text
    .slice(0, end)
    .replace(/\$\$|\$\((?<name>[^)]*)\)/g, (match, name: string | undefined) => {
      if (match === '$$') return '$'
      return variables.get(name ?? '') ?? match
    })
  return expanded + text.slice(end).replaceAll('$$', '$')
}
