/** What numbers the neutral chat takes: the same limits as its schema has. */
import type { Range } from './fields.ts'

export const ranges = {
  maxTokens: { min: 1, max: 16_777_216, whole: true },
  temperature: { min: 0, max: 5 },
  topP: { min: 0, max: 1 },
  topK: { min: 0, max: 1_000_000, whole: true },
  minP: { min: 0, max: 1 },
  frequencyPenalty: { min: -2, max: 2 },
  presencePenalty: { min: -2, max: 2 },
  repeatPenalty: { min: 0, max: 10 },
  seed: { min: 0, max: 4_294_967_295, whole: true },
  logprobs: { min: 0, max: 20, whole: true },
} as const satisfies Record<string, Range>

export const limits = { messages: 4096, parts: 1024, tools: 1024, calls: 1024, stops: 16, stopChars: 1024, nameChars: 256 } as const
