/** What the commands do, in the page. */
import { useMemo } from 'preact/hooks'
import { boxText } from '../panels/get/box-text.ts'
import { goTo } from '../route.ts'
import { useSession } from '../session-context.ts'
import { text } from '../text/text.ts'
import { theme } from '../theme.ts'
import { announce } from '../ui/announcer.tsx'
import { chosenSlot } from '../yard/chosen-slot.ts'
import { useYard } from '../yard/context.ts'
import { slotMeant } from '../yard/slot-meant.ts'
import type { Actions } from './commands.ts'
import { opened } from './opened.ts'

export function useActions(): Actions {
  const { verbs, slots } = useYard()
  const session = useSession()
  return useMemo(
    () => ({
      async use(ref) {
        const slot = slotMeant(slots.peek(), chosenSlot.peek())?.slot ?? chosenSlot.peek()
        await verbs.slot(slot).startSwitch(ref)
        goTo('switch')
      },
      eject: (ref) => verbs.models.unload(ref),
      cancel: (id) => verbs.switches.cancel(id),
      get(words) {
        boxText.value = words
        goTo('get')
      },
      go: goTo,
      async copyAddress() {
        await navigator.clipboard.writeText(`${location.origin}${location.pathname.replace(/\/(?:index\.html)?$/, '')}/v1`)
        announce(text.common.copied)
      },
      theme(one) {
        theme.value = one
      },
      keys() {
        opened.value = 'keys'
      },
      signOut: () => session?.signOut() ?? Promise.resolve(),
    }),
    [verbs, slots, session],
  )
}
