/**
 * Writes src/apiserver/schema/generated/object-types.ts: every field, its type and whether it is
 * required, of the kinds the API server serves, taken from @kubernetes/client-node's
 * generated models. Run it after an update of that package.
 */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

interface Attribute {
  readonly baseName: string
  readonly type: string
  readonly format: string
}

interface Model {
  readonly attributeTypeMap: readonly Attribute[]
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const models = join(root, 'node_modules/@kubernetes/client-node/dist/gen/models')
const target = join(root, 'src/apiserver/schema/generated/object-types.ts')

/** The kinds that are served or accepted; what they refer to follows by itself. */
const roots = [
  'V1Pod V1PodList V1Node V1NodeList V1Namespace V1NamespaceList CoreV1Event CoreV1EventList',
  'EventsV1Event EventsV1EventList V1ConfigMap V1ConfigMapList V1Secret V1SecretList',
  'V1ServiceAccount V1ServiceAccountList V1Service V1ServiceList V1ResourceQuota',
  'V1ResourceQuotaList V1LimitRange V1LimitRangeList V1PriorityClass V1PriorityClassList',
  'V1Lease V1LeaseList V1Binding V1Eviction V1Status V1DeleteOptions V1TokenReview',
  'AuthenticationV1TokenRequest V1SelfSubjectReview V1SelfSubjectAccessReview',
  'V1SubjectAccessReview V1LocalSubjectAccessReview V1SelfSubjectRulesReview V1WatchEvent',
]
  .join(' ')
  .split(' ')

/** Which API group a model belongs to; the first match wins, the rest is core. */
const groups: readonly (readonly [string, RegExp])[] = [
  [
    'meta/v1',
    /^V1(ObjectMeta|ListMeta|OwnerReference|ManagedFieldsEntry|Status|StatusDetails|StatusCause|DeleteOptions|Preconditions|LabelSelector|LabelSelectorRequirement|FieldSelectorRequirement|Condition|WatchEvent)$/,
  ],
  ['events/v1', /^EventsV1/],
  ['coordination/v1', /^V1Lease/],
  ['scheduling/v1', /^V1PriorityClass/],
  ['policy/v1', /^V1Eviction$/],
  [
    'authentication/v1',
    /^(AuthenticationV1|V1Token(Review|Request)|V1UserInfo|V1SelfSubjectReview|V1BoundObject)/,
  ],
  [
    'authorization/v1',
    /^V1(SelfSubject|Subject|LocalSubject|ResourceAttributes|NonResource|ResourceRule|FieldSelectorAttributes|LabelSelectorAttributes)/,
  ],
]

/** The client's models say `string` for a quantity. */
const quantities = new Set(
  [
    'ResourceRequirements.limits ResourceRequirements.requests VolumeResourceRequirements.limits',
    'VolumeResourceRequirements.requests PodSpec.overhead PodStatus.allocatedResources',
    'ContainerStatus.allocatedResources NodeStatus.capacity NodeStatus.allocatable',
    'ResourceQuotaSpec.hard ResourceQuotaStatus.hard ResourceQuotaStatus.used',
    'LimitRangeItem.default LimitRangeItem.defaultRequest LimitRangeItem.max LimitRangeItem.min',
    'LimitRangeItem.maxLimitRequestRatio EmptyDirVolumeSource.sizeLimit',
    'ResourceFieldSelector.divisor NodeAllocatableResourceClaimStatus.resources',
    'PersistentVolumeClaimStatus.capacity PersistentVolumeClaimStatus.allocatedResources',
  ]
    .join(' ')
    .split(' '),
)

const scalars: Record<string, string> = {
  string: 'string',
  boolean: 'bool',
  any: 'any',
  object: 'any',
  Date: 'time',
  V1MicroTime: 'microTime',
  IntOrString: 'intOrString',
}

function plainName(model: string): string {
  return model.replace(/^(Core|Events|Authentication)?V1/, '')
}

function typeName(model: string): string {
  const group = groups.find(([, pattern]) => pattern.test(model))
  return `${group?.[0] ?? 'core/v1'}.${plainName(model)}`
}

function fieldType(model: string, attribute: Attribute, refer: (model: string) => void): string {
  const isQuantity = quantities.has(`${plainName(model)}.${attribute.baseName}`)
  const walk = (type: string): string => {
    const list = /^Array<(.*)>$/.exec(type)
    if (list) return `[]${walk(list[1] ?? '')}`
    const map = /^\{ \[key: string\]: (.*); \}$/.exec(type)
    if (map) return `map:${walk(map[1] ?? '')}`
    if (type === 'string' && isQuantity) return 'quantity'
    if (type === 'string' && attribute.format === 'byte') return 'bytes'
    if (type === 'number') return attribute.format || 'double'
    const scalar = scalars[type]
    if (scalar !== undefined) return scalar
    refer(type)
    return typeName(type)
  }
  return walk(attribute.type)
}

function requiredFields(model: string): ReadonlySet<string> {
  const text = readFileSync(join(models, `${model}.d.ts`), 'utf8')
  return new Set([...text.matchAll(/^ {4}'([^']+)':/gm)].map((match) => match[1] ?? ''))
}

async function describe(model: string, refer: (model: string) => void): Promise<string> {
  const url = pathToFileURL(join(models, `${model}.js`)).href
  const module = (await import(url)) as Record<string, Model>
  const required = requiredFields(model)
  return (module[model]?.attributeTypeMap ?? [])
    .map((attribute) => {
      const mark = required.has(attribute.baseName) ? '!' : ''
      return `${attribute.baseName}${mark}=${fieldType(model, attribute, refer)}`
    })
    .join(' ')
}

const known = new Set(readdirSync(models).map((file) => file.replace(/\.(d\.ts|js)$/, '')))
const queue = [...roots]
const types = new Map<string, string>()
for (let model = queue.shift(); model !== undefined; model = queue.shift()) {
  if (types.has(typeName(model))) continue
  if (!known.has(model)) throw new Error(`Cannot find ${model} among the client's models`)
  types.set(typeName(model), await describe(model, (next) => queue.push(next)))
}

const version = /release-[\d.]+/.exec(readFileSync(join(models, 'V1Pod.js'), 'utf8'))?.[0]
const lines = [...types]
  .toSorted(([a], [b]) => (a < b ? -1 : 1))
  .map(([name, fields]) => `  '${name}':\n    '${fields}',`)
writeFileSync(
  target,
  `/**
 * Generated by scripts/generate-schema.ts from Kubernetes ${version}; not edited by hand.
 * One type a line: its fields as \`name=type\`, \`name!=type\` where required.
 */
export const generatedTypes: Readonly<Record<string, string>> = {
${lines.join('\n')}
}
`,
)
execFileSync(join(root, 'node_modules/.bin/oxfmt'), [target])
