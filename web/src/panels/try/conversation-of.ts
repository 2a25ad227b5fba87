/** The one conversation of a yard: made when it is first shown, there as long as the page is signed in. */
import { computed } from '@preact/signals'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { announce } from '../../ui/announcer.tsx'
import { chosenSlot } from '../../yard/chosen-slot.ts'
import { slotMeant } from '../../yard/slot-meant.ts'
import type { YardView } from '../../yard/yard.ts'
import { type Conversation, createConversation } from './conversation.ts'
import { type Answer, nameIn } from './turns.ts'

const conversations = new WeakMap<YardView, Conversation>()

export function conversationOf(yard: YardView): Conversation {
  const known = conversations.get(yard)
  if (known) return known
  const made = createConversation({
    verbs: yard.verbs,
    slots: yard.slots,
    slot: computed(() => slotMeant(yard.slots.value, chosenSlot.value)?.slot ?? chosenSlot.value),
    onEnd: (answer) => announce(outcomeOf(answer)),
  })
  conversations.set(yard, made)
  return made
}

/** What a screen reader hears, once. */
function outcomeOf({ view, text: blocks }: Answer): string {
  const { state, model = '' } = view.peek()
  if (state === 'failed') return text.try.failed
  const words = shown(blocks.peek().slice(0, 2).join(''))
  return state === 'stopped' ? text.try.stoppedWith(words) : text.try.answered(nameIn(model), words)
}
