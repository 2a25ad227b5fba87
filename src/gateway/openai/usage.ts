import type { Usage } from '../../contract/index.ts'

/** OpenAI's form always has all three counts: what the engine did not say is 0. */
export function usageBody({ promptTokens = 0, completionTokens = 0, cachedTokens }: Usage): object {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    ...(cachedTokens !== undefined && { prompt_tokens_details: { cached_tokens: cachedTokens } }),
  }
}
