import type { FinishReason, Usage } from '../../contract/index.ts'
import type { Answering, Fields } from '../dialect.ts'
import { isFields } from '../fields.ts'

export const messageId = ({ id }: Answering): string => `msg_${id}`

/**
 * Engines that call a tool may say that they simply stopped; clients of this dialect go by the word. Which text stopped an
 * answer no engine tells: `stop_sequence` is never said.
 */
export function stopReason(reason: FinishReason, calledTools: boolean): 'max_tokens' | 'tool_use' | 'end_turn' {
  if (reason === 'length') return 'max_tokens'
  return calledTools || reason === 'tool_calls' ? 'tool_use' : 'end_turn'
}

/**
 * What is known of it; the tokens of the prompt are the sum of the input and both of the cache
 * (https://docs.claude.com/en/docs/build-with-claude/prompt-caching, "Tracking cache performance").
 */
export function usageWords({ promptTokens, completionTokens, cachedTokens = 0 }: Usage = {}): Fields {
  return {
    ...(promptTokens !== undefined && {
      input_tokens: Math.max(0, promptTokens - cachedTokens),
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: cachedTokens,
    }),
    output_tokens: completionTokens ?? 0,
  }
}

/** A client may ask not to see what was thought. */
export const showsThinking = ({ thinking }: Fields): boolean => !isFields(thinking) || thinking.display !== 'omitted'
