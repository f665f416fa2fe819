/** How Go's YAML reader begins to tell of repeated keys. */
const yamlErrors = 'yaml: unmarshal errors:\n  '

/** The entries of a strict decoding error and of its warnings, 100 at the most: `unknown field "spec.foo"`. */
export function strictErrors(decoded: {
  readonly unknownFields: readonly string[]
  readonly duplicateFields: readonly string[]
  readonly repeatedInYaml?: readonly string[]
}): readonly string[] {
  const { repeatedInYaml: repeated = [] } = decoded
  return [
    ...(repeated.length === 0 ? [] : [`${yamlErrors}${repeated.join('\n  ')}`]),
    ...decoded.unknownFields.map((path) => `unknown field "${path}"`),
    ...decoded.duplicateFields.map((path) => `duplicate field "${path}"`),
  ].slice(0, 100)
}

/** What to warn of a strict decoding error: of each repeated key in YAML by itself. */
export function strictWarnings(error: string): readonly string[] {
  if (!error.startsWith(yamlErrors)) return [error]
  return error.slice(yamlErrors.length).split('\n  ')
}
