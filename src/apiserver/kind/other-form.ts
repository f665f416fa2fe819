import { printObject, type KubeObject } from '../kube-object.ts'
import type { Stored } from '../store/stored.ts'
import type { Kind } from './kind.ts'

/** A second way of writing the objects of another kind. Both directions leave what is in the right form. */
export interface OtherForm {
  /** From how they are stored. */
  readonly show: (object: KubeObject) => KubeObject
  /** To how they are stored. */
  readonly keep: (object: KubeObject) => KubeObject
}

/** An object as clients of `kind` see it. */
export function shown(kind: Kind, object: KubeObject): KubeObject {
  return kind.otherForm === undefined ? object : kind.otherForm.show(object)
}

export function kept(kind: Kind, object: KubeObject): KubeObject {
  return kind.otherForm === undefined ? object : kind.otherForm.keep(object)
}

/** The same with its JSON. */
export function shownStored(kind: Kind, stored: Stored): Stored {
  const object = shown(kind, stored.object)
  return object === stored.object ? stored : { ...stored, object, json: printObject(object) }
}
