/** The routes of the gateway as data: which dialect, what is asked, and where the engine has the same. */
import { anthropicCount, anthropicDialect, anthropicMessages } from './anthropic/index.ts'
import type { ChatDialect, Dialect, EmbedDialect } from './dialect.ts'
import { type OllamaRoute, ollamaChat, ollamaDialect, ollamaEmbed, ollamaEmbeddings, ollamaGenerate } from './ollama/index.ts'
import { openaiChat, openaiDialect, openaiEmbeddings } from './openai/index.ts'

/** What a route does. */
export type Deed =
  | { readonly does: 'chat'; readonly chat: ChatDialect; readonly streamsUnasked: boolean; readonly loads?: OllamaRoute }
  | { readonly does: 'embed'; readonly embed: EmbedDialect }
  | { readonly does: 'count'; readonly count: typeof anthropicCount }
  /** Handed on to engines that have it, refused elsewhere. */
  | { readonly does: 'hand-on' }
  | { readonly does: 'refuse'; readonly command: string }
  | { readonly does: 'models' | 'model' | 'tags' | 'ps' | 'show' | 'version' | 'greet' }

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly dialect: Dialect
  readonly deed: Deed
}

const route = (method: Route['method'], path: string, dialect: Dialect, deed: Deed): Route => ({ method, path, dialect, deed })
const chat = (dialect: ChatDialect): Deed => ({ does: 'chat', chat: dialect, streamsUnasked: false })
const ollama = (dialect: ChatDialect, loads: OllamaRoute): Deed => ({ does: 'chat', chat: dialect, streamsUnasked: true, loads })
const refuse = (command: string): Deed => ({ does: 'refuse', command })

export const routes: readonly Route[] = [
  route('POST', '/v1/chat/completions', openaiDialect, chat(openaiChat)),
  route('POST', '/v1/completions', openaiDialect, { does: 'hand-on' }),
  route('POST', '/v1/responses', openaiDialect, { does: 'hand-on' }),
  route('POST', '/v1/embeddings', openaiDialect, { does: 'embed', embed: openaiEmbeddings }),
  route('GET', '/v1/models', openaiDialect, { does: 'models' }),
  route('GET', '/v1/models/*', openaiDialect, { does: 'model' }),
  route('POST', '/v1/messages', anthropicDialect, chat(anthropicMessages)),
  route('POST', '/v1/messages/count_tokens', anthropicDialect, { does: 'count', count: anthropicCount }),
  route('POST', '/api/chat', ollamaDialect, ollama(ollamaChat, 'chat')),
  route('POST', '/api/generate', ollamaDialect, ollama(ollamaGenerate, 'generate')),
  route('POST', '/api/embed', ollamaDialect, { does: 'embed', embed: ollamaEmbed }),
  route('POST', '/api/embeddings', ollamaDialect, { does: 'embed', embed: ollamaEmbeddings }),
  route('GET', '/api/tags', ollamaDialect, { does: 'tags' }),
  route('GET', '/api/ps', ollamaDialect, { does: 'ps' }),
  route('POST', '/api/show', ollamaDialect, { does: 'show' }),
  route('GET', '/api/version', ollamaDialect, { does: 'version' }),
  route('POST', '/api/pull', ollamaDialect, refuse('modelyard pull --from ollama NAME')),
  route('POST', '/api/push', ollamaDialect, refuse('ollama push NAME, at Ollama itself')),
  route('POST', '/api/create', ollamaDialect, refuse('modelyard pull ./file.gguf --into ollama')),
  route('POST', '/api/copy', ollamaDialect, refuse('modelyard slots add NAME, for a second name')),
  route('DELETE', '/api/delete', ollamaDialect, refuse('modelyard rm REF')),
  route('GET', '/', ollamaDialect, { does: 'greet' }),
]
