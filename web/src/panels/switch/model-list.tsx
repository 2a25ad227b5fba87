/** The rows, in two lines each where there is little room. */
import { type ReadonlySignal, type Signal, useComputed } from '@preact/signals'
import type { JSX, RefObject } from 'preact'
import { useCallback, useLayoutEffect } from 'preact/hooks'
import type { Model } from '../../sdk.ts'
import { text } from '../../text/text.ts'
import { VirtualList } from '../../ui/virtual-list.tsx'
import { useYard } from '../../yard/context.ts'
import { ModelRow, RowHeader } from './model-row.tsx'

export interface ModelListProps {
  readonly models: readonly Model[]
  readonly selected: Signal<string | undefined>
  readonly narrow: boolean
  readonly list: RefObject<HTMLDivElement | null>
  readonly onUse: (ref: string) => void
}

export function ModelList({ models, selected, narrow, list, onUse }: ModelListProps): JSX.Element {
  const switching = useSwitching().value
  const use = useCallback((model: Model): void => onUse(model.ref), [onUse])
  const isSwitching = (model: Model): boolean => switching.split('\n').includes(model.ref)
  const draw = useCallback((model: Model) => <ModelRow model={model} switching={isSwitching(model)} onUse={use} />, [switching, use])
  useLayoutEffect(() => {
    // What a measurement of the page waits for.
    if (performance.getEntriesByName(mark).length === 0) performance.mark(mark)
  }, [])
  return (
    <VirtualList
      label={text.switch.list}
      items={models}
      keyOf={(model) => model.ref}
      rowHeight={narrow ? 54 : 34}
      {...(!narrow && { header: <RowHeader />, headerHeight: 30 })}
      selected={selected}
      onChoose={use}
      list={list}
    >
      {draw}
    </VirtualList>
  )
}

const mark = 'modelyard:list'

/** The refs that are being brought up, as one text: it changes only when they do, not with every step. */
function useSwitching(): ReadonlySignal<string> {
  const { switches } = useYard()
  return useComputed(() =>
    switches.value.flatMap(({ record: { outcome, to } }) => (outcome === undefined && to !== undefined ? [to] : [])).join('\n'),
  )
}
