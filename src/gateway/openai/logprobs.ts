import type { Logprob } from '../../contract/index.ts'

/** OpenAI's form always has all members: bytes that the engine did not tell are null. */
export const logprobsBody = (logprobs: readonly Logprob[]): object => ({
  content: logprobs.map(({ top, ...token }) => ({ ...tokenBody(token), top_logprobs: top.map(tokenBody) })),
  refusal: null,
})

const tokenBody = ({ token, logprob, bytes }: Omit<Logprob, 'top'>): object => ({ token, logprob, bytes: bytes ?? null })
