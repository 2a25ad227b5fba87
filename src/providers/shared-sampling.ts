import type { ProviderChatRequest } from './provider.ts'

/** What OpenAI's dialect and Ollama's options call alike. */
export function sharedSampling(request: ProviderChatRequest): Readonly<Record<string, unknown>> {
  const { temperature, topP, topK, minP, frequencyPenalty, presencePenalty, seed } = request
  return {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(topK !== undefined && { top_k: topK }),
    ...(minP !== undefined && { min_p: minP }),
    ...(frequencyPenalty !== undefined && { frequency_penalty: frequencyPenalty }),
    ...(presencePenalty !== undefined && { presence_penalty: presencePenalty }),
    ...(seed !== undefined && { seed }),
  }
}
