/** The addresses of the gateway: which one depends on how the client speaks. */
import type { JSX } from 'preact'
import { text } from '../../text/text.ts'
import { CopyButton } from '../../ui/command.tsx'
import { addressesOf, serviceAddress } from './address.ts'

export function AddressList(): JSX.Element {
  const words = text.connect.addresses
  const { openai, plain, path } = addressesOf(serviceAddress(location), text.connect.placeholder)
  return (
    <section class="stack" aria-labelledby="connect-addresses">
      <h2 id="connect-addresses">{words.title}</h2>
      <dl class="address-list">
        <Address whom={words.openai} address={openai} />
        <Address whom={words.plain} address={plain} />
        <Address whom={words.path} address={path} note={words.pathNote} />
      </dl>
    </section>
  )
}

function Address({ whom, address, note }: { readonly whom: string; readonly address: string; readonly note?: string }): JSX.Element {
  return (
    <div>
      <dt>{whom}</dt>
      <dd>
        <div class="address">
          <code class="name">{address}</code>
          <CopyButton value={address} label={text.connect.addresses.copy(whom)} />
        </div>
        {note !== undefined && <p class="muted small">{note}</p>}
      </dd>
    </div>
  )
}
