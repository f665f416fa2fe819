import { invalid, type FieldError } from '../../domain/field-error.ts'
import { qualifiedNameProblems } from '../../domain/labels/label-syntax.ts'

/** What is wrong with a name, in kube-apiserver's words; empty if nothing. */
export type NameRule = (name: string) => readonly string[]

const labelPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const labelText =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"

/** Containers and volumes: at most 63 of a-z, 0-9 and '-'. */
export const dnsLabel: NameRule = (name) => [
  ...(name.length > 63 ? ['must be no more than 63 bytes'] : []),
  ...(labelPattern.test(name) ? [] : [labelText]),
]

const subdomainPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const subdomainText =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

/** Most objects: labels joined by dots, at most 253 characters. */
export const dnsSubdomain: NameRule = (name) => [
  ...(name.length > 253 ? ['must be no more than 253 bytes'] : []),
  ...(subdomainPattern.test(name) ? [] : [subdomainText]),
]

/** Whatever can be a part of a path. */
export const pathSegment: NameRule = (name) =>
  name === '.' || name === '..'
    ? [`may not be '${name}'`]
    : ['/', '%'].filter((text) => name.includes(text)).map((text) => `may not contain '${text}'`)

const underscored = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const searchFormat = `${underscored}(\\.${underscored})*`
const searchText = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${searchFormat}')`
const searchPattern = new RegExp(`^${searchFormat}$`)

/** Where a resolver looks for short names, since 1.33: as a subdomain, and with underscores. */
export const searchPath: NameRule = (name) => [
  ...(name.length > 253 ? ['must be no more than 253 bytes'] : []),
  ...(searchPattern.test(name) ? [] : [searchText]),
]

export const qualifiedName: NameRule = qualifiedNameProblems

/** Names of ports, at most 15 characters. */
export const portName: NameRule = (name) => [
  ...(name.length > 15 ? ['must be no more than 15 bytes'] : []),
  ...(/^[-a-z0-9]+$/.test(name)
    ? []
    : ['must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)']),
  ...(/[a-z]/.test(name) ? [] : ['must contain at least one letter (a-z)']),
  ...(name.includes('--') ? ['must not contain consecutive hyphens'] : []),
  ...(/^-|-$/.test(name) ? ['must not begin or end with a hyphen'] : []),
]

/** Environment variables since 1.32: printable ASCII but '='. */
export const envName: NameRule = (name) =>
  /^[ -<>-~]+$/.test(name)
    ? []
    : [
        "a valid environment variable name must consist only of printable ASCII characters other than '='",
      ]

/** Keys of config maps and secrets. */
export const configKey: NameRule = (key) => [
  ...(key.length > 253 ? ['must be no more than 253 bytes'] : []),
  ...(/^[-._a-zA-Z0-9]+$/.test(key)
    ? []
    : [
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
      ]),
  ...(key === '.' ? ["must not be '.'"] : []),
  ...(key === '..' ? ["must not be '..'"] : []),
  ...(key.startsWith('..') && key !== '..' ? ["must not start with '..'"] : []),
]

/** One field error for each thing that is wrong with `name`. */
export function checkName(field: string, name: string, rule: NameRule): readonly FieldError[] {
  return rule(name).map((problem) => invalid(field, name, problem))
}
