/** Commands by their names: a field, and what is meant by what stands in it. */
import { useComputed, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import { text } from '../text/text.ts'
import { Dialog } from '../ui/dialog.tsx'
import { ErrorNote } from '../ui/note.tsx'
import { useCall } from '../ui/use-call.ts'
import { chosenSlot } from '../yard/chosen-slot.ts'
import { useYard } from '../yard/context.ts'
import { slotMeant } from '../yard/slot-meant.ts'
import { type Command, commandsOf, getCommand } from './commands.ts'
import { found, grouped } from './found.ts'
import { close, opened } from './opened.ts'
import { Results } from './results.tsx'
import { useActions } from './use-actions.ts'

/** The ids of what was done here, the newest first, until the page is left. */
let recent: readonly string[] = []

export function Palette(): JSX.Element {
  const yard = useYard()
  const act = useActions()
  const typed = useSignal('')
  const at = useSignal(0)
  const call = useCall()
  const [list, field] = [useId(), useRef<HTMLInputElement>(null)]
  const all = useComputed(() =>
    commandsOf(
      {
        slot: slotMeant(yard.slots.value, chosenSlot.value)?.slot ?? chosenSlot.value,
        models: yard.models.all.value ?? [],
        providers: yard.providers.value,
        switches: yard.switches.value,
      },
      act,
    ),
  )
  const groups = useComputed(() => grouped(withGet(found(all.value, typed.value, recent), getCommand(typed.value, act), typed.value)))
  const commands = useComputed(() => groups.value.flatMap((one) => one.commands))
  const meant = Math.min(at.value, commands.value.length - 1)
  const run = async (command: Command | undefined): Promise<void> => {
    if (!command) return
    recent = [command.id, ...recent.filter((one) => one !== command.id)].slice(0, 12)
    await call.run(async () => {
      await command.run()
      // A command may have opened something else.
      if (opened.peek() === 'palette') close()
    })
  }
  const move = (to: number): void => {
    at.value = (to + commands.value.length) % Math.max(1, commands.value.length)
  }
  const acts: Readonly<Record<string, () => void>> = {
    ArrowDown: () => move(meant + 1),
    ArrowUp: () => move(meant - 1),
    Enter: () => void run(commands.value[meant]),
  }
  useLayoutEffect(() => field.current?.focus(), [])
  return (
    <Dialog title={text.palette.title} onClose={close}>
      <input
        ref={field}
        class="input palette-field"
        role="combobox"
        aria-label={text.palette.field}
        aria-expanded={commands.value.length > 0}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={commands.value[meant] && `${list}-${meant}`}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        autofocus
        placeholder={text.palette.placeholder}
        value={typed.value}
        onInput={({ currentTarget }) => {
          typed.value = currentTarget.value
          at.value = 0
        }}
        onKeyDown={(event) => {
          const wanted = event.isComposing ? undefined : acts[event.key]
          if (!wanted) return
          event.preventDefault()
          wanted()
        }}
      />
      {call.error.value !== undefined && <ErrorNote error={call.error.value} onClose={call.clear} />}
      <Results id={list} groups={groups.value} meant={meant} onRun={(one) => void run(one)} />
    </Dialog>
  )
}

/** Something to get comes last, unless its verb was typed. */
function withGet(commands: readonly Command[], get: Command | undefined, typed: string): readonly Command[] {
  if (!get) return commands
  return /^\s*(?:get|pull|download)\s/i.test(typed) ? [get, ...commands] : [...commands, get]
}
