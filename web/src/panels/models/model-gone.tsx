/** No engine has the model that the address names. */
import type { JSX } from 'preact'
import { addressOf } from '../../route.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'

export function ModelGone({ modelRef }: { readonly modelRef: string }): JSX.Element {
  const words = text.models.gone
  return (
    <div class="card stack">
      <h1>{words.title}</h1>
      <p class="name">{words.what(shown(modelRef, 300))}</p>
      <div class="row">
        <a class="button" href={addressOf('models')}>
          {text.models.back}
        </a>
        <a class="button" href={addressOf('get')}>
          {words.get}
        </a>
      </div>
    </div>
  )
}
