/**
 * Kubernetes' expansion of `$(NAME)` in command, args and env values: a known
 * name gives its value, an unknown one stays as it stands, `$$` is one `$`.
 */
export function expand(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(/\$\$|\$\((?<name>[^)]*)\)/g, (match, name: string | undefined) => {
    if (match === '$$') return '$'
    return variables.get(name ?? '') ?? match
  })
}
