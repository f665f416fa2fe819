const namePattern = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/
const subdomainPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

const nameRule =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const subdomainRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const qualifiedRule =
  "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
const valueRule =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

/** What is wrong with a label or annotation key, `[prefix/]name`; empty if nothing. */
export function qualifiedNameProblems(key: string): readonly string[] {
  const parts = key.split('/')
  if (parts.length > 2) return [qualifiedRule]
  const name = parts.at(-1) ?? ''
  return [
    ...(parts.length === 2 ? prefixProblems(parts[0] ?? '') : []),
    ...(name === '' ? ['name part must be non-empty'] : []),
    ...(name.length > 63 ? ['name part must be no more than 63 bytes'] : []),
    ...(namePattern.test(name) ? [] : [nameRule]),
  ]
}

function prefixProblems(prefix: string): readonly string[] {
  if (prefix === '') return ['prefix part must be non-empty']
  if (prefix.length > 253) return ['prefix part must be no more than 253 bytes']
  return subdomainPattern.test(prefix) ? [] : [`prefix part ${subdomainRule}`]
}

/** Whether an object such as a node or a pod can have that name. */
export function isObjectName(name: string): boolean {
  return name.length <= 253 && subdomainPattern.test(name)
}

export function isLabelKey(key: string): boolean {
  return qualifiedNameProblems(key).length === 0
}

/** Why `key` is no label key, in one line. */
export function labelKeyProblems(key: string): string {
  return qualifiedNameProblems(key).join('; ')
}

export function isLabelValue(value: string): boolean {
  return value === '' || (value.length <= 63 && namePattern.test(value))
}

/** Why `value` is no label value, in one line. */
export function labelValueProblems(value: string): string {
  return [
    ...(value.length > 63 ? ['must be no more than 63 bytes'] : []),
    ...(value === '' || namePattern.test(value) ? [] : [valueRule]),
  ].join('; ')
}
