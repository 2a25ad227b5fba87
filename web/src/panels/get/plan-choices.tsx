/** What a person may choose beside the model: into which engines, which slot afterwards, how fast. */
import type { Signal } from '@preact/signals'
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import type { ImportPlan, JobPlan, ProviderInfo, Source } from '../../sdk.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { importText } from '../../ui/import-text.ts'
import { useYard } from '../../yard/context.ts'
import { limitOf, type Wishes } from './plan-words.ts'

export interface PlanChoicesProps {
  readonly source: Source
  readonly plan: JobPlan | undefined
  readonly wishes: Signal<Wishes>
  /** As typed. */
  readonly limit: Signal<string>
}

export function PlanChoices({ source, plan, wishes, limit }: PlanChoicesProps): JSX.Element {
  return (
    <div class="plan-choices">
      {'from' in source ? null : <Engines plan={plan} wishes={wishes} />}
      <Afterwards plan={plan} wishes={wishes} />
      {'from' in source || plan?.downloadBytes === 0 ? null : <Limit limit={limit} />}
    </div>
  )
}

type Choosing = Pick<PlanChoicesProps, 'plan' | 'wishes'>

function Engines({ plan, wishes }: Choosing): JSX.Element {
  const own = text.get.plan
  const { providers } = useYard()
  const able = providers.value.filter(({ capabilities, state }) => capabilities.import !== 'none' && state !== 'disabled')
  const chosen = wishes.value.into ?? plan?.imports.map(({ provider }) => provider) ?? []
  const toggle = (id: string): void => {
    const into = chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]
    wishes.value = { ...wishes.value, into: into.length > 0 ? into : undefined }
  }
  if (able.length === 0) return <p class="muted">{own.intoNone}</p>
  return (
    <fieldset class="plain-fieldset">
      <legend class="small muted">{own.into}</legend>
      {able.map((provider) => (
        <EngineChoice
          key={provider.id}
          provider={provider}
          isChosen={chosen.includes(provider.id)}
          plan={plan?.imports.find((one) => one.provider === provider.id)}
          onToggle={() => toggle(provider.id)}
        />
      ))}
    </fieldset>
  )
}

interface EngineChoiceProps {
  readonly provider: ProviderInfo
  readonly isChosen: boolean
  /** How it gets it, where that is planned. */
  readonly plan: ImportPlan | undefined
  readonly onToggle: () => void
}

/** One that is not ready says so; it can be unchosen where it had been chosen. */
function EngineChoice({ provider: { id, state }, isChosen, plan, onToggle }: EngineChoiceProps): JSX.Element {
  const isReady = state === 'ready'
  return (
    <div>
      <label class={`check ${isReady ? '' : 'muted'}`}>
        <input type="checkbox" checked={isChosen} disabled={!isReady && !isChosen} onChange={onToggle} />
        <span class="name">{isReady ? id : text.get.plan.notReady(id, text.states.provider[state])}</span>
      </label>
      {isChosen && plan && (
        <p class="small muted name check-note" title={shown(plan.reason)}>
          {importText(plan)}
        </p>
      )}
    </div>
  )
}

/** No slot has this name. */
const none = ''

function Afterwards({ plan, wishes }: Choosing): JSX.Element {
  const own = text.get.plan
  const field = useId()
  const { slots } = useYard()
  const chosen = wishes.value.switch ?? plan?.switch
  return (
    <div class="field">
      <label class="label" for={field}>
        {own.afterwards}
      </label>
      <select
        id={field}
        class="input"
        value={chosen === false || chosen === undefined ? none : chosen}
        onChange={({ currentTarget: { value } }) => {
          wishes.value = { ...wishes.value, switch: value === none ? false : value }
        }}
      >
        <option value={none}>{own.noSwitch}</option>
        {slots.value.map(({ slot }) => (
          <option key={slot} value={slot}>
            {own.switch(slot)}
          </option>
        ))}
      </select>
    </div>
  )
}

function Limit({ limit }: Pick<PlanChoicesProps, 'limit'>): JSX.Element {
  const own = text.get.plan
  const [field, why] = [useId(), useId()]
  const isWrong = Number.isNaN(limitOf(limit.value))
  return (
    <div class="field limit">
      <label class="label" for={field}>
        {own.limit}
      </label>
      <input
        id={field}
        class="input"
        inputMode="decimal"
        autocomplete="off"
        placeholder={own.limitHint}
        aria-invalid={isWrong}
        aria-describedby={isWrong ? why : undefined}
        value={limit.value}
        onInput={({ currentTarget }) => {
          limit.value = currentTarget.value
        }}
      />
      {isWrong && (
        <span id={why} class="small">
          {own.limitWrong}
        </span>
      )}
    </div>
  )
}
