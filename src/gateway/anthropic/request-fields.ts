import type { FieldFate } from '../dialect.ts'
import { refusedEverywhere } from '../fields.ts'

/**
 * Every field of `POST /v1/messages` and of its beta form: https://docs.claude.com/en/api/messages, and
 * `MessageCreateParams` of the SDK 1.14.0. Sampling fields that newer clients no longer send are read all the same.
 */
export const messageFields = {
  model: 'carried',
  messages: 'carried',
  'messages[].content[].cache_control': 'ignored',
  'messages[].content[].citations.enabled': 'refused',
  'messages[].content[].data': 'ignored', // of redacted_thinking
  'messages[].content[].signature': 'ignored',
  'messages[].content[].source.file_id': 'refused',
  'messages[].content[].source.url': 'refused',
  'messages[].content[].transformations': 'ignored',
  system: 'carried',
  max_tokens: 'carried',
  stop_sequences: 'carried',
  stream: 'carried',
  temperature: 'carried',
  top_k: 'carried',
  top_p: 'carried',
  tools: 'carried',
  'tools[].allowed_callers': 'ignored',
  'tools[].cache_control': 'ignored',
  'tools[].defer_loading': 'ignored',
  'tools[].eager_input_streaming': 'ignored',
  'tools[].input_examples': 'ignored',
  'tools[].type': 'refused', // any but "custom"
  tool_choice: 'carried',
  thinking: 'carried',
  'thinking.budget_tokens': 'ignored',
  output_config: 'carried',
  'output_config.task_budget': 'ignored',
  output_format: 'carried',
  betas: 'ignored',
  billing_policy: 'ignored',
  cache_control: 'ignored',
  context_management: 'ignored',
  diagnostics: 'ignored',
  fallback_credit_token: 'ignored',
  fallbacks: 'ignored',
  inference_geo: 'ignored',
  metadata: 'ignored',
  service_tier: 'ignored',
  speed: 'ignored',
  user_profile_id: 'ignored',
  workspace_id: 'ignored',
  compaction: 'refused',
  container: 'refused',
  mcp_servers: 'refused',
  thread: 'refused',
  ...refusedEverywhere,
} as const satisfies Record<string, FieldFate>
