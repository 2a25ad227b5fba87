/**
 * The fields of Ollama's routes (github.com/ollama/ollama, docs/api.md and api/types.go of 0.32). What a model is loaded with
 * is the slot's or the model's own, which holds on every route: `keep_alive` and such options of a request change nothing.
 */
import type { FieldFate } from '../dialect.ts'
import { refusedEverywhere } from '../fields.ts'

type Fates = Readonly<Record<string, FieldFate>>

const sampling = {
  'options.num_predict': 'carried',
  'options.temperature': 'carried',
  'options.top_p': 'carried',
  'options.top_k': 'carried',
  'options.min_p': 'carried',
  'options.frequency_penalty': 'carried',
  'options.presence_penalty': 'carried',
  'options.repeat_penalty': 'carried',
  'options.seed': 'carried',
  'options.stop': 'carried',
  'options.typical_p': 'refused',
  'options.repeat_last_n': 'refused',
} as const satisfies Fates

const loading = {
  keep_alive: 'ignored',
  'options.num_ctx': 'ignored',
  'options.num_batch': 'ignored',
  'options.num_gpu': 'ignored',
  'options.main_gpu': 'ignored',
  'options.num_thread': 'ignored',
  'options.num_keep': 'ignored',
  'options.use_mmap': 'ignored',
  'options.use_mlock': 'ignored',
  'options.low_vram': 'ignored',
  'options.numa': 'ignored',
} as const satisfies Fates

/** Ollama itself knows these no longer and ignores them. */
const forgotten = {
  'options.mirostat': 'ignored',
  'options.mirostat_eta': 'ignored',
  'options.mirostat_tau': 'ignored',
  'options.penalize_newline': 'ignored',
  'options.tfs_z': 'ignored',
} as const satisfies Fates

/** A prompt that is too long is an error here, never cut. */
const cutting = { truncate: 'ignored', shift: 'ignored' } as const satisfies Fates
const answering = {
  model: 'carried',
  stream: 'carried',
  format: 'carried',
  think: 'carried',
  logprobs: 'carried',
  top_logprobs: 'carried',
} as const satisfies Fates

export const chatFields = {
  ...answering,
  messages: 'carried',
  'messages[].role': 'carried',
  'messages[].content': 'carried',
  'messages[].images': 'carried',
  'messages[].thinking': 'carried',
  'messages[].tool_calls': 'carried',
  'messages[].tool_call_id': 'carried',
  'messages[].tool_name': 'carried',
  tools: 'carried',
  ...sampling,
  ...refusedEverywhere,
  ...cutting,
  ...loading,
  ...forgotten,
} as const satisfies Fates

export const generateFields = {
  ...answering,
  prompt: 'carried',
  system: 'carried',
  images: 'carried',
  ...sampling,
  suffix: 'refused',
  template: 'refused',
  raw: 'refused',
  context: 'refused',
  width: 'refused',
  height: 'refused',
  steps: 'refused',
  ...refusedEverywhere,
  ...cutting,
  ...loading,
  ...forgotten,
} as const satisfies Fates

export const embedFields = {
  model: 'carried',
  input: 'carried',
  dimensions: 'carried',
  ...refusedEverywhere,
  truncate: 'ignored',
  ...loading,
} as const satisfies Fates

export const oldEmbedFields = { model: 'carried', prompt: 'carried', ...refusedEverywhere, ...loading } as const satisfies Fates

/** Values of refused fields that are Ollama's own defaults. */
export const harmlessValues: Readonly<Record<string, readonly unknown[]>> = { 'options.typical_p': [1], 'options.repeat_last_n': [64] }
