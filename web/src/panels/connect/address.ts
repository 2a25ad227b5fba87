/** Where the service is, as whoever reads the page reached it. */
export const serviceAddress = ({ origin, pathname }: Pick<Location, 'origin' | 'pathname'>): string =>
  origin + pathname.replace(/\/(?:index\.html)?$/, '')

export interface Addresses {
  readonly openai: string
  /** Anthropic's clients and Ollama's. */
  readonly plain: string
  /** For clients that can send no key. */
  readonly path: string
}

export const addressesOf = (address: string, token: string): Addresses => ({
  openai: `${address}/v1`,
  plain: address,
  path: `${address}/t/${token}`,
})
