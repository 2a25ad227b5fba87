/** The context a model is loaded with: a number, or one of those that are usual up to what it was trained for. */
import type { JSX } from 'preact'
import type { Model } from '../../sdk.ts'
import { tokensText } from '../../text/numbers.ts'
import { text } from '../../text/text.ts'
import { contextChoices } from './memory-cost.ts'
import { OptionField } from './option-field.tsx'
import type { LoadFormView } from './use-load-form.ts'

export interface ContextFieldProps {
  readonly model: Model
  readonly form: LoadFormView
  /** Its engine has one context for all. */
  readonly isFixed: boolean
}

export function ContextField({ model: { contextLength, provider }, form, isFixed }: ContextFieldProps): JSX.Element {
  const words = text.models.options
  if (isFixed) return <p class="small muted name">{words.contextFixed(provider)}</p>
  const choices = contextChoices(contextLength)
  const context = form.context.value
  const hint = words.contextHint(tokensText(4), contextLength === undefined ? text.common.unknown : tokensText(contextLength))
  return (
    <div class="stack context-field">
      <OptionField form={form} field="contextLength" label={words.context} hint={contextLength === undefined ? '' : hint} />
      <fieldset class="row chips">
        <legend class="unseen">{words.choices}</legend>
        {choices.map((one) => (
          <button
            key={one}
            type="button"
            class="chip number"
            aria-pressed={context === one}
            onClick={() => form.set('contextLength', context === one ? '' : String(one))}
          >
            {tokensText(one)}
          </button>
        ))}
      </fieldset>
      {context !== undefined && contextLength !== undefined && context > contextLength && (
        <p class="small fault">{words.contextOver(tokensText(contextLength))}</p>
      )}
    </div>
  )
}
