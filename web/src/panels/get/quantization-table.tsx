/** Every quantization of a repository in a row: how big, how fine, and whether it fits. One of them is chosen. */
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import { decimalText, sizeText } from '../../text/numbers.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { FitMark } from './fit-mark.tsx'
import type { QuantizationRow } from './quantizations.ts'

export interface QuantizationTableProps {
  readonly rows: readonly QuantizationRow[]
  readonly chosen: QuantizationRow | undefined
  readonly onChoose: (row: QuantizationRow) => void
}

export function QuantizationTable({ rows, chosen, onChoose }: QuantizationTableProps): JSX.Element {
  const own = text.get.repository
  const group = useId()
  return (
    <table class="get-table quantizations">
      <caption class="unseen">{own.table}</caption>
      <thead>
        <tr>
          <th scope="col">{own.name}</th>
          <th scope="col" class="end">
            {own.size}
          </th>
          <th scope="col" class="end wide">
            {own.bits}
          </th>
          <th scope="col" class="wide">
            {own.good}
          </th>
          <th scope="col">{text.get.fit.column}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={row.key} row={row} group={group} isChosen={row === chosen} onChoose={() => onChoose(row)} />
        ))}
      </tbody>
    </table>
  )
}

interface RowProps {
  readonly row: QuantizationRow
  readonly group: string
  readonly isChosen: boolean
  readonly onChoose: () => void
}

function Row({ row, group, isChosen, onChoose }: RowProps): JSX.Element {
  const own = text.get.repository
  const { quantization, info, recommended, label } = row
  const { files, bytes, complete, fit } = quantization
  const name = shown(label === 'unknown' ? own.unnamed : label, 200)
  return (
    <tr class={isChosen ? 'chosen' : ''}>
      <th scope="row">
        <label class="quantization-choice">
          <input type="radio" name={group} checked={isChosen} onChange={onChoose} />
          <span class="name">{name}</span>
          {recommended && <span class="pill">{own.recommended}</span>}
        </label>
        {files.length > 1 && <div class="small muted under">{own.files(files.length)}</div>}
      </th>
      <td class="number end">{sizeText(bytes)}</td>
      <td class="number end wide" title={info && own.bitsOf(decimalText(info.bitsPerWeight, 2))}>
        {info && decimalText(info.bitsPerWeight)}
      </td>
      <td class="wide muted" title={info?.what}>
        {info && own.quality[info.quality]}
      </td>
      <td>
        <FitMark fit={fit} complete={complete} />
      </td>
    </tr>
  )
}
