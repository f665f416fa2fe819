import { stringify } from 'yaml'

/** JSON as YAML 1.1, which Kubernetes and its clients read: `yes` is true there, and times are times. */
export function writeYaml(json: string): string {
  return stringify(JSON.parse(json), { compat: 'yaml-1.1' })
}
