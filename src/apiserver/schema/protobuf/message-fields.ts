import { fieldNumbers } from '../generated/field-numbers.ts'
import { objectType, type Field } from '../object-type.ts'

/** What a field number of a message stands for. */
export type MessageField =
  | { readonly kind: 'field'; readonly field: Field }
  /** A struct whose fields stand directly in the JSON of the message. */
  | { readonly kind: 'inlined'; readonly fields: MessageFields }

export type MessageFields = ReadonlyMap<number, MessageField>

const known = new Map<string, MessageFields>()

/**
 * The fields of the type named `typeName`, as `core/v1.Container`, by their numbers in protobuf.
 *
 * @throws RangeError if there is no such type: names come from the kinds' table, never from clients.
 */
export function messageFields(typeName: string): MessageFields {
  let fields = known.get(typeName)
  if (fields === undefined) {
    fields = readFields(typeName, typeName)
    known.set(typeName, fields)
  }
  return fields
}

/** The fields of `message` as they are named and typed in the JSON of `owner`. */
function readFields(message: string, owner: string): MessageFields {
  const type = objectType(owner)
  const fields = new Map<number, MessageField>()
  for (const text of (fieldNumbers[message] ?? '').split(' ')) {
    const [, name = '', number, inlined] = /^(\w+)=(\d+)(?::(.*))?$/.exec(text) ?? []
    const field = type.fields.get(name)
    if (inlined !== undefined) {
      fields.set(Number(number), { kind: 'inlined', fields: readFields(inlined, owner) })
    } else if (field !== undefined) {
      fields.set(Number(number), { kind: 'field', field })
    }
  }
  return fields
}
