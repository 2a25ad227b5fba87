import type { Model, Slot } from '../../src/contract/index.ts'
import type { ListedChoice } from '../../src/gateway/list-entry.ts'

export const qwen: Model = {
  ref: 'ollama/qwen3:8b',
  provider: 'ollama',
  name: 'qwen3:8b',
  kind: 'chat',
  displayName: 'Qwen 3',
  family: 'qwen3',
  parameters: '8.2B',
  quantization: 'Q4_K_M',
  format: 'gguf',
  sizeBytes: 5_000_000,
  contextLength: 40_960,
  capabilities: ['completion', 'tools', 'reasoning'],
  load: { contextLength: 8192 },
  loaded: [{ contextLength: 8192, memoryBytes: 6_000_000, gpuBytes: 4_000_000, expiresAt: '2026-03-01T10:05:00.000Z', loadedBy: 'us' }],
  pinned: false,
  slots: ['default'],
  modifiedAt: '2026-02-01T00:00:00.000Z',
  source: { repo: 'a/b', file: 'c.gguf', sha256: 'A'.repeat(64) },
}
/** Of which its engine tells nothing. */
export const bare: Model = {
  ref: 'llama/tiny',
  provider: 'llama',
  name: 'tiny',
  kind: 'embedding',
  capabilities: ['embedding'],
  loaded: [{ loadedBy: 'other' }],
  pinned: false,
  slots: [],
}
const slot: Slot = {
  slot: 'default',
  state: 'serving',
  provider: 'ollama',
  ref: 'ollama/qwen3:8b',
  since: '2026-03-01T09:00:00.000Z',
  leases: 0,
  waiting: 0,
  policy: 'auto',
  epoch: 3,
  restore: 'eager',
  queueSeconds: 300,
  drainSeconds: 60,
  maxRequests: null,
}

export const served: ListedChoice = { id: 'default', model: qwen, slot }
export const empty: ListedChoice = {
  id: 'spare',
  slot: {
    slot: 'spare',
    state: 'empty',
    leases: 0,
    waiting: 0,
    policy: 'auto',
    epoch: 0,
    restore: 'eager',
    queueSeconds: 300,
    drainSeconds: 60,
    maxRequests: null,
  },
}
export const choices: readonly ListedChoice[] = [served, empty, { id: qwen.ref, model: qwen }, { id: bare.ref, model: bare }]
