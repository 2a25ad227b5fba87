/** The load options of a model as somebody is writing them. */
import { type ReadonlySignal, useComputed, useSignal } from '@preact/signals'
import type { LoadOptions, Model } from '../../sdk.ts'
import { faultsOf, formOf, type LoadField, type LoadForm, sameForm } from './load-form.ts'

export interface LoadFormView {
  readonly fields: ReadonlySignal<LoadForm>
  readonly faults: ReadonlySignal<readonly LoadField[]>
  /** Something is written that is not remembered. */
  readonly isChanged: ReadonlySignal<boolean>
  /** The context that is written, where it is one. */
  readonly context: ReadonlySignal<number | undefined>
  set(field: LoadField, value: string): void
  /** As they are remembered now. */
  rest(load: LoadOptions | undefined): void
}

export function useLoadForm({ load }: Model): LoadFormView {
  const saved = useSignal(formOf(load))
  const written = useSignal<LoadForm | undefined>(undefined)
  const now = formOf(load)
  if (!sameForm(saved.peek(), now)) saved.value = now
  const fields = useComputed(() => written.value ?? saved.value)
  const faults = useComputed(() => faultsOf(fields.value))
  return {
    fields,
    faults,
    isChanged: useComputed(() => !sameForm(fields.value, saved.value)),
    context: useComputed(() => {
      const { contextLength } = fields.value
      return contextLength === '' || faults.value.includes('contextLength') ? undefined : Number(contextLength)
    }),
    set(field, value) {
      written.value = { ...fields.value, [field]: value.trim() }
    },
    rest(remembered) {
      saved.value = formOf(remembered)
      written.value = undefined
    },
  }
}
