/** A provider whose address is our own would make us talk to ourselves for ever: it is refused, and says why. */
import { ModelyardError } from '../contract/index.ts'
import type { ResolvedProvider } from '../contract/resolved-provider.ts'
import type { Importing, Provider } from './provider.ts'
import { overlay } from './with-time-limit.ts'

export function withOwnAddressGuard(provider: Provider, config: ResolvedProvider, isOurs: (url: URL) => boolean): Provider {
  let parsed: { readonly text: string; readonly url: URL } | undefined
  /** With every request it is asked for, and it hardly ever changes. */
  const addressOf = (text: string): URL => {
    if (parsed?.text !== text) parsed = { text, url: new URL(text) }
    return parsed.url
  }
  const refusal = (): ModelyardError | undefined => {
    if (provider.baseUrl === undefined || !isOurs(addressOf(provider.baseUrl))) return undefined
    const from = config.baseUrlFrom === undefined ? '' : ` It comes from ${config.baseUrlFrom}.`
    return new ModelyardError('address_is_our_own', `The address of "${provider.id}", ${provider.baseUrl}, is our own.${from}`, {
      hint:
        config.baseUrlFrom === 'OLLAMA_HOST'
          ? 'OLLAMA_HOST points at Modelyard: start the service with the address of Ollama itself in it.'
          : undefined,
    })
  }
  const guarded =
    <A extends unknown[], R>(method: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      const refused = refusal()
      if (refused) throw refused
      return method(...args)
    }
  const { importing } = provider
  const [embed, countTokens] = [provider.embed?.bind(provider), provider.countTokens?.bind(provider)]
  const [files, pull] = [provider.files?.bind(provider), provider.pull?.bind(provider)]
  return overlay(provider, {
    dialects: () => (refusal() ? [] : provider.dialects()),
    probe: async (signal) => {
      const refused = refusal()
      if (!refused) return provider.probe(signal)
      return { state: 'impostor', error: { code: refused.code, message: refused.message }, hint: refused.hint }
    },
    list: guarded((signal) => provider.list(signal)),
    loaded: guarded((signal) => provider.loaded(signal)),
    show: guarded((name, signal) => provider.show(name, signal)),
    load: guarded((name, options, context) => provider.load(name, options, context)),
    unload: guarded((target, signal) => provider.unload(target, signal)),
    // Not through a generator of its own: one would hold back a `return` while a part is awaited.
    chat: (request, context) => {
      const refused = refusal()
      return refused ? failing(refused) : provider.chat(request, context)
    },
    ...(embed && { embed: guarded(embed) }),
    ...(countTokens && { countTokens: guarded(countTokens) }),
    ...(importing && { importing: guardedImporting(importing, guarded) }),
    ...(files && { files: async (signal, name) => (refusal() ? [] : files(signal, name)) }),
    ...(pull && {
      pull: (name, signal) => {
        const refused = refusal()
        return refused ? failing(refused) : pull(name, signal)
      },
    }),
    ...(provider.start && { start: guarded((signal) => provider.start?.(signal) ?? Promise.resolve()) }),
  })
}

type Guarded = <A extends unknown[], R>(method: (...args: A) => Promise<R>) => (...args: A) => Promise<R>

const guardedImporting = (importing: Importing, guarded: Guarded): Importing => ({
  plan: guarded((model, signal) => importing.plan(model, signal)),
  perform: guarded((model, decision, context) => importing.perform(model, decision, context)),
  undo: guarded((added, signal) => importing.undo(added, signal)),
})

// biome-ignore lint/correctness/useYield: it fails before the first part
async function* failing(error: ModelyardError): AsyncGenerator<never> {
  throw error
}
