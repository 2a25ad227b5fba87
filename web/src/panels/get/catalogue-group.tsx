/** The curated models by family, with about how big each is and whether that fits. */
import { useComputed, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import { addressOf } from '../../route.ts'
import type { Catalog } from '../../sdk.ts'
import { sizeText, tokensText } from '../../text/numbers.ts'
import { text } from '../../text/text.ts'
import { Button } from '../../ui/button.tsx'
import type { Question } from '../../ui/question.ts'
import { Skeleton } from '../../ui/skeleton.tsx'
import { Asked, useAsked } from '../../ui/use-asked.tsx'
import { useYard } from '../../yard/context.ts'
import { onlyFitting } from './box-text.ts'
import { type Family, familiesOf, firstOf, type OfferedModel, offered } from './catalogue.ts'
import { FitMark } from './fit-mark.tsx'
import { restOf } from './target.ts'

/** More only for whoever wants: the Hub and the engines stand below. */
const few = 8

export interface CatalogueGroupProps {
  readonly catalog: Question<Catalog>
  readonly words: string
}

export function CatalogueGroup({ catalog, words }: CatalogueGroupProps): JSX.Element {
  const own = text.get.catalogue
  const heading = useId()
  const { verbs } = useYard()
  const hardware = useAsked('hardware', (signal) => verbs.hardware({ signal }))
  const models = useComputed(() => (catalog.value.value ? offered(catalog.value.value, hardware.value.value) : []))
  const families = familiesOf(models.value, { words, onlyFitting: onlyFitting.value })
  const all = useSignal(false)
  const count = families.reduce((sum, { models: ofIt }) => sum + ofIt.length, 0)
  const shown = all.value ? families : firstOf(families, few)
  return (
    <section class="get-group" aria-labelledby={heading}>
      <div class="get-group-head">
        <h2 id={heading}>{own.title}</h2>
        <p class="small muted">{own.what}</p>
        <label class="row small only-fitting">
          <input
            type="checkbox"
            checked={onlyFitting.value}
            onChange={({ currentTarget }) => {
              onlyFitting.value = currentTarget.checked
            }}
          />
          {text.get.fit.onlyFitting}
        </label>
      </div>
      <Asked asked={catalog} title={own.failed} skeleton={<Skeleton rows={6} />}>
        {() => (families.length > 0 ? <Families families={shown} /> : <p class="muted">{onlyFitting.value ? own.noneFits : own.none}</p>)}
      </Asked>
      {(count > few || all.value) && count > 0 && (
        <div>
          <Button
            look="quiet"
            expanded={all.value}
            onPress={() => {
              all.value = !all.value
            }}
          >
            {all.value ? own.fewer : own.all(count)}
          </Button>
        </div>
      )}
    </section>
  )
}

function Families({ families }: { readonly families: readonly Family[] }): JSX.Element {
  const own = text.get.catalogue
  return (
    <table class="get-table catalogue" aria-label={own.title}>
      <thead>
        <tr>
          <th scope="col">{own.name}</th>
          <th scope="col" class="wide">
            {own.good}
          </th>
          <th scope="col" class="end">
            {own.size}
          </th>
          <th scope="col" class="end wide">
            {own.context}
          </th>
          <th scope="col">{text.get.fit.column}</th>
        </tr>
      </thead>
      {families.map(({ name, models }) => (
        <tbody key={name}>
          {models.length > 1 && (
            <tr class="family">
              <th scope="rowgroup" colSpan={5} class="name">
                {name}
              </th>
            </tr>
          )}
          {models.map((model) => (
            <OfferedRow key={model.entry.id} model={model} />
          ))}
        </tbody>
      ))}
    </table>
  )
}

function OfferedRow({ model: { entry, bytes, fit } }: { readonly model: OfferedModel }): JSX.Element {
  const [repo = ''] = entry.repositories
  return (
    <tr>
      <th scope="row">
        <a class="name" href={addressOf('get', ...restOf({ repo }))}>
          {entry.name}
        </a>
        <div class="small muted only-narrow">{entry.what}</div>
      </th>
      <td class="wide">
        {entry.what}
        {entry.capabilities.length > 0 && (
          <span class="small muted"> · {entry.capabilities.map((one) => text.capabilities[one]).join(', ')}</span>
        )}
      </td>
      <td class="number end">{bytes === undefined ? entry.parameters : sizeText(bytes)}</td>
      <td class="number end wide">{tokensText(entry.contextLength)}</td>
      <td>
        <FitMark fit={fit} />
      </td>
    </tr>
  )
}
