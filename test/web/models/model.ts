import type { Model } from '../../../web/src/sdk.ts'

export const model = (ref: string, more: Partial<Model> = {}): Model => ({
  ref,
  provider: ref.slice(0, ref.indexOf('/')),
  name: ref.slice(ref.indexOf('/') + 1),
  kind: 'chat',
  capabilities: [],
  loaded: [],
  pinned: false,
  slots: [],
  ...more,
})
