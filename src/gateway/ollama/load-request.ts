/** Ollama's way to say "load" and "unload": a chat without messages, a prompt that is empty, texts of which there are none. */
import type { Answering } from '../dialect.ts'
import { asksForNothing } from '../fields.ts'
import { instantOf } from './instant.ts'

export type OllamaRoute = 'chat' | 'generate'

type Written = (member: string) => unknown

/** Zero in any of the ways in which Go writes a duration. */
const nothing = /^[+-]?[0.][0.nuµμmsh]*$/

/** `keep_alive: 0` in a body that asks for no answer. Of other bodies little is read. */
export const asksToUnload = (route: OllamaRoute, written: Written): boolean =>
  nothing.test(String(written('keep_alive'))) && asksForNoAnswer(route, written)

/** Look before `parse`, which refuses such a body. */
export const asksForNoAnswer = (route: OllamaRoute, written: Written): boolean =>
  route === 'chat' ? asksForNothing(written('messages')) : asksForNothing(written('prompt')) && asksForNothing(written('images'))

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
