import { duplicate, forbidden, invalid, type FieldError } from '../../domain/field-error.ts'
import { asJson, type KubeObject } from '../kube-object.ts'
import type { JsonObject } from '../schema/json-value.ts'
import { objectAt, objectsAt, textAt, textsAt } from '../schema/read-json.ts'
import { sameJson } from '../schema/same-json.ts'
import { checkAmount } from './check-amount.ts'
import { checkNetwork, networkFamily } from './check-network.ts'
import { validateTaints } from './validate-taints.ts'

/** What is wrong with a new node (Kubernetes ValidateNode). */
export function validateNode(node: KubeObject): readonly FieldError[] {
  return [...validateTaints(node), ...validateAmounts(node), ...validateNetworks(specOf(node))]
}

/** The same for a change of it or of its status (Kubernetes ValidateNodeUpdate). */
export function validateNodeUpdate(old: KubeObject, node: KubeObject): readonly FieldError[] {
  return [
    ...validateAmounts(node),
    ...repeatedAddresses(node),
    ...fixedFields(specOf(old), specOf(node)),
    ...validateTaints(node),
  ]
}

function specOf(node: KubeObject): JsonObject {
  return objectAt(asJson(node), 'spec') ?? {}
}

function statusOf(node: KubeObject): JsonObject {
  return objectAt(asJson(node), 'status') ?? {}
}

function validateAmounts(node: KubeObject): readonly FieldError[] {
  return ['capacity', 'allocatable'].flatMap((list) =>
    Object.entries(objectAt(statusOf(node), list) ?? {}).flatMap(([name, amount]) =>
      checkAmount(name, amount, `status.${list}.${name}`),
    ),
  )
}

/** Of the pods: one of each family at the most. */
function validateNetworks(spec: JsonObject): readonly FieldError[] {
  const field = 'spec.podCIDRs'
  const networks = textsAt(spec, 'podCIDRs')
  const families = new Set(networks.map(networkFamily))
  return [
    ...networks.flatMap((network, index) => checkNetwork(network, `${field}[${index}]`)),
    ...(families.size < networks.length || networks.length > 2
      ? [invalid(field, networks, 'may specify no more than one CIDR for each IP family')]
      : []),
  ]
}

function repeatedAddresses(node: KubeObject): readonly FieldError[] {
  const addresses = objectsAt(statusOf(node), 'addresses')
  return addresses.flatMap((address, index) => {
    const first = addresses.findIndex((other) => sameJson(other, address))
    return first === index ? [] : [duplicate(`status.addresses[${index}]`, address)]
  })
}

/** What a node gets once and keeps. */
function fixedFields(before: JsonObject, after: JsonObject): readonly FieldError[] {
  const networks = textsAt(before, 'podCIDRs')
  const provider = textAt(before, 'providerID')
  const refuse = (field: string, name: string) =>
    forbidden(`spec.${field}`, `node updates may not change ${name} except from "" to valid`)
  return [
    ...(networks.length > 0 && !sameJson([...networks], [...textsAt(after, 'podCIDRs')])
      ? [refuse('podCIDRs', 'podCIDR')]
      : []),
    ...(provider !== '' && provider !== textAt(after, 'providerID')
      ? [refuse('providerID', 'providerID')]
      : []),
  ]
}
