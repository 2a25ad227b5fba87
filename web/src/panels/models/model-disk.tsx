/** Which engines hold the bytes of a model and where, and what they really cost. */
import type { JSX } from 'preact'
import { addressOf } from '../../route.ts'
import type { Model } from '../../sdk.ts'
import { sizeText } from '../../text/numbers.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'

export function ModelDisk({ model: { ref, details } }: { readonly model: Model }): JSX.Element {
  const words = text.models.disk
  const { holders = [], diskBytes = 0 } = details ?? {}
  const models = new Set(holders.map((one) => one.ref)).size
  return (
    <section class="model-disk card stack" aria-labelledby="model-disk">
      <h2 id="model-disk">{words.title}</h2>
      <p>
        {holders.some(({ path }) => path !== undefined) ? words.cost(sizeText(diskBytes)) : words.said(sizeText(diskBytes))}
        {models > 1 && <span class="muted"> {words.shared(models)}</span>}
      </p>
      <table aria-labelledby="model-disk">
        <thead>
          <tr>
            <th scope="col">{words.holder}</th>
            <th scope="col">{words.path}</th>
            <th scope="col" class="end">
              {words.bytes}
            </th>
          </tr>
        </thead>
        <tbody>
          {holders.slice(0, 200).map((one, at) => (
            <tr key={at}>
              <td class="name">{one.ref === ref ? shown(ref, 200) : <a href={addressOf('models', one.ref)}>{shown(one.ref, 200)}</a>}</td>
              <td class="name small">{one.path === undefined ? <span class="muted">{words.noPath}</span> : shown(one.path, 300)}</td>
              <td class="number end">{sizeText(one.bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
