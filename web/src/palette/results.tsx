/** The commands that are meant, in their groups: a list whose keys are those of the field above it. */
import type { JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { text } from '../text/text.ts'
import type { Command } from './commands.ts'
import type { Group } from './found.ts'

export interface ResultsProps {
  readonly id: string
  readonly groups: readonly Group<Command>[]
  /** The place in all of them together. */
  readonly meant: number
  readonly onRun: (command: Command) => void
}

export function Results({ id, groups, meant, onRun }: ResultsProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => box.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' }), [meant, groups])
  const all = groups.flatMap((one) => one.commands)
  if (all.length === 0) return <p class="palette-results muted">{text.palette.nothing}</p>
  return (
    <div ref={box} id={id} class="palette-results" role="listbox" aria-label={text.palette.title}>
      {groups.map(({ group, commands }) => (
        // biome-ignore lint/a11y/useSemanticElements: a group of options, not of fields
        <div key={group} role="group" aria-label={nameOf(group)}>
          <div class="palette-group small muted" aria-hidden="true">
            {nameOf(group)}
          </div>
          {commands.map((one) => {
            const at = all.indexOf(one)
            return (
              // biome-ignore lint/a11y: the field has the focus and the keys (aria-activedescendant)
              <div
                key={one.id}
                id={`${id}-${at}`}
                class="palette-command"
                role="option"
                aria-selected={at === meant}
                onClick={() => onRun(one)}
              >
                <span class="name clip">{one.title}</span>
                {one.detail !== undefined && <span class="small muted name clip">{one.detail}</span>}
              </div>
            )
          })}
        </div>
      ))}
    </div>
  )
}

const nameOf = (group: string): string => text.palette.groups[group as Command['group']]
