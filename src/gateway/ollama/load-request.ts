/** Ollama's way to say "load" and "unload": a chat without messages, a prompt that is empty, texts of which there are none. */
import type { Answering, Fields } from '../dialect.ts'
import { asksForNothing } from '../fields.ts'
import { instantOf } from './instant.ts'

export type OllamaRoute = 'chat' | 'generate'

/**
 * What a body asks for that asks for no answer; undefined for every other body. `unload` is `keep_alive: 0` in such a body.
 * Look before `parse`, which refuses it.
 */
export function asksToLoad(route: OllamaRoute, body: Fields): 'load' | 'unload' | undefined {
  const empty = route === 'chat' ? asksForNothing(body.messages) : asksForNothing(body.prompt) && asksForNothing(body.images)
  if (!empty) return undefined
  return isNoTime(body.keep_alive) ? 'unload' : 'load'
}

/** Zero in any of the ways in which Go reads a duration. */
const isNoTime = (time: unknown): boolean => /^[+-]?[0.][0.nuµμmsh]*$/.test(String(time))

/** The one answer to it, streamed or not. */
export function loadedAnswer(route: OllamaRoute, answering: Answering, reason: 'load' | 'unload'): unknown {
  return {
    model: answering.model,
    created_at: instantOf(answering),
    ...(route === 'chat' ? { message: { role: 'assistant', content: '' } } : { response: '' }),
    done: true,
    done_reason: reason,
  }
}
