/** What narrows the list: words, and conditions of which only those are offered that some model meets. */
import type { Signal } from '@preact/signals'
import { useSignal } from '@preact/signals'
import type { JSX, RefObject } from 'preact'
import { useEffect, useId } from 'preact/hooks'
import { sizeText } from '../../text/numbers.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { announce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { type Choice, type Choices, conditionsOf, type Filter, isFiltering, noFilter, sizeRange } from './filter.ts'

const words = text.switch

export interface FilterRowProps {
  readonly filter: Signal<Filter>
  readonly choices: Choices
  readonly count: number
  readonly all: number | undefined
  readonly field: RefObject<HTMLInputElement | null>
  /** The arrow that leads into the list. */
  readonly onDown: () => void
}

export function FilterRow({ filter, choices, count, all, field, onDown }: FilterRowProps): JSX.Element {
  const open = useSignal(false)
  const conditions = useId()
  const set = (change: Partial<Filter>): void => {
    filter.value = { ...filter.value, ...change }
  }
  const { value } = filter
  const isSet = conditionsOf(value)
  useSaidCount(value, count, all)
  return (
    <search class="filter-row">
      <input
        ref={field}
        class="input"
        type="search"
        aria-label={words.filter}
        data-filter
        placeholder={words.placeholder}
        autocomplete="off"
        spellcheck={false}
        value={value.words}
        onInput={({ currentTarget }) => set({ words: currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && value.words !== '') set({ words: '' })
          else if (event.key === 'ArrowDown') onDown()
          else return
          event.preventDefault()
        }}
      />
      <span class="fold">
        <Button expanded={open.value} onPress={() => (open.value = !open.value)}>
          {isSet > 0 ? words.conditionsSet(isSet) : words.conditions}
        </Button>
      </span>
      <div id={conditions} class={`conditions ${open.value ? 'open' : ''}`}>
        <Condition name="provider" value={value.provider} choices={choices.provider} onChoose={set} />
        <Condition name="size" value={value.size} choices={choices.size} onChoose={set} nameOf={sizeName} />
        <Condition name="quantization" value={value.quantization} choices={choices.quantization} onChoose={set} />
        <Condition name="capability" value={value.capability} choices={choices.capability} onChoose={set} nameOf={abilityName} />
        {(choices.loaded > 0 || value.loaded) && (
          <Button pressed={value.loaded} onPress={() => set({ loaded: !value.loaded })}>
            {words.loadedOnly(choices.loaded)}
          </Button>
        )}
      </div>
      <span class="result">
        <span class="muted number">{all !== undefined && words.count(count, all)}</span>
        {isFiltering(value) && (
          <Button
            look="quiet"
            icon="bad"
            onPress={() => {
              filter.value = noFilter
              field.current?.focus()
            }}
          >
            {words.clear}
          </Button>
        )}
      </span>
    </search>
  )
}

const sizeName = (range: string): string => {
  const [from, to] = sizeRange(range)
  return words.sizes(from === 0 ? undefined : sizeText(from), Number.isFinite(to) ? sizeText(to) : undefined)
}
const abilityName = (one: string): string => text.capabilities[one as keyof typeof text.capabilities] ?? one
const asItIs = (one: string): string => shown(one, 60)

interface ConditionProps {
  readonly name: keyof typeof words.any
  readonly value: string
  readonly choices: readonly Choice[]
  readonly onChoose: (change: Partial<Filter>) => void
  readonly nameOf?: (value: string) => string
}

/** Nothing where there is no choice. One that was chosen stays choosable when its last model has gone. */
function Condition({ name, value, choices, onChoose, nameOf = asItIs }: ConditionProps): JSX.Element | null {
  const known = value === '' || choices.some((one) => one.value === value) ? choices : [...choices, { value, count: 0 }]
  if (known.length < 2 && value === '') return null
  return (
    <select
      class={`input ${value === '' ? '' : 'is-set'}`}
      aria-label={words.conditionNames[name]}
      value={value}
      onChange={({ currentTarget }) => onChoose({ [name]: currentTarget.value })}
    >
      <option value="">{words.any[name]}</option>
      {known.map((one) => (
        <option key={one.value} value={one.value}>
          {words.choice(nameOf(one.value), one.count)}
        </option>
      ))}
    </select>
  )
}

const saidAfterMs = 700

/** Once the typing has come to rest. */
function useSaidCount(filter: Filter, count: number, all: number | undefined): void {
  useEffect(() => {
    if (!isFiltering(filter) || all === undefined) return
    const timer = setTimeout(() => announce(words.found(count, all)), saidAfterMs)
    return () => clearTimeout(timer)
  }, [filter, count, all])
}
