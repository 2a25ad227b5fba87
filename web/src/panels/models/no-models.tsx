/** No engine has a model: where to get one. */
import type { JSX } from 'preact'
import { addressOf } from '../../route.ts'
import { text } from '../../text/text.ts'

export function NoModels(): JSX.Element {
  return (
    <div class="card stack">
      <p>{text.models.noModels}</p>
      <div>
        <a class="button primary" href={addressOf('get')}>
          {text.models.getOne}
        </a>
      </div>
    </div>
  )
}
