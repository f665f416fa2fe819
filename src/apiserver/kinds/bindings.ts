import type { Kind } from '../kind/kind.ts'
import { bindPodByName } from '../pods/binding.ts'

/** Bindings are carried out and stored nowhere; the usual way is the subresource of pods. */
export const bindings: Kind = {
  group: '',
  version: 'v1',
  kind: 'Binding',
  plural: 'bindings',
  singular: 'binding',
  namespaced: true,
  type: 'core/v1.Binding',
  verbs: ['create'],
  handleCreate: bindPodByName,
}
