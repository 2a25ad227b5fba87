import { visible } from './visible.ts'

export interface Column {
  readonly title: string
  readonly right?: boolean
  /** Colours a cell that is already padded. */
  readonly paint?: (cell: string, text: string) => string
}

/**
 * Plain aligned columns, two blanks apart, a head in capitals. A column that is empty in every row is left out. Cells
 * are made safe here, so no command has to remember it.
 */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(visible))
  const used = columns.map((_, index) => index).filter((index) => cells.some((row) => (row[index] ?? '') !== ''))
  const widths = new Map(used.map((index) => [index, widest(columns[index]?.title ?? '', cells, index)]))
  const line = (row: readonly string[], isHead: boolean): string =>
    used
      .map((index, place) => {
        const column = columns[index] as Column
        const text = row[index] ?? ''
        const isLast = place === used.length - 1 && !column.right
        const cell = isLast ? text : pad(text, widths.get(index) ?? 0, column.right)
        return !isHead && column.paint && text !== '' ? column.paint(cell, text) : cell
      })
      .join('  ')
      .trimEnd()
  const head = line(
    columns.map(({ title }) => title),
    true,
  )
  return `${[head, ...cells.map((row) => line(row, false))].join('\n')}\n`
}

const widthOf = (text: string): number => [...text].length

const widest = (title: string, cells: readonly (readonly string[])[], index: number): number =>
  cells.reduce((most, row) => Math.max(most, widthOf(row[index] ?? '')), widthOf(title))

function pad(text: string, width: number, right = false): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)))
  return right ? blanks + text : text + blanks
}
