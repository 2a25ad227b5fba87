/** How probable a fake's token was: each alternative less than the one before it, the token itself the first. */
export const logprobOf = (token: string, top: number) => ({
  ...entry(token, 0),
  ...(top > 0 && { top_logprobs: Array.from({ length: top }, (_, rank) => entry(rank === 0 ? token : `${token}?${rank}`, rank)) }),
})

const entry = (token: string, rank: number) => ({ token, logprob: -(rank + 1) / 4, bytes: [...Buffer.from(token)] })

/** Alternatives that a body asks for; undefined: no probability. */
export function topIn({ logprobs, top_logprobs: top }: Readonly<Record<string, unknown>>): number | undefined {
  return logprobs === true ? (typeof top === 'number' ? top : 0) : undefined
}
