/** What to paste, piece by piece, and what has to be known about it. */
import type { JSX } from 'preact'
import { text } from '../../text/text.ts'
import { Command, CopyButton } from '../../ui/command.tsx'
import type { ClientGuide, Piece, Place } from './clients.ts'

export function ClientLines({ guide, place }: { readonly guide: ClientGuide; readonly place: Place }): JSX.Element {
  const notes: Readonly<Record<string, readonly string[]>> = text.connect.notes
  return (
    <div class="stack">
      {guide.pieces(place).map((piece) => (
        <div key={`${guide.id} ${piece.where}`} class="piece">
          <h3>{text.connect.where[piece.where]}</h3>
          {'lines' in piece ? <Command lines={piece.lines} /> : <Fields fields={piece.fields} />}
        </div>
      ))}
      {notes[guide.id]?.map((note) => (
        <p key={note} class="muted small">
          {note}
        </p>
      ))}
    </div>
  )
}

function Fields({ fields }: { readonly fields: Extract<Piece, { fields: unknown }>['fields'] }): JSX.Element {
  const words = text.connect.guide
  return (
    <table class="fields" aria-label={words.fields}>
      <thead class="unseen">
        <tr>
          <th scope="col">{words.setting}</th>
          <th scope="col">{words.value}</th>
        </tr>
      </thead>
      <tbody>
        {fields.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>
              <div class="address">
                <code class="name">{value}</code>
                <CopyButton value={value} label={words.copyField(name)} />
              </div>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
