/** The list of all models: filtered, sorted, any number of them. Choosing one opens it. */
import { type Signal, useComputed, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { goTo } from '../../route.ts'
import type { Model } from '../../sdk.ts'
import { text } from '../../text/text.ts'
import { Button } from '../../ui/button.tsx'
import { useNarrow } from '../../ui/narrow.ts'
import { VirtualList } from '../../ui/virtual-list.tsx'
import { allWanted, firstOrder, type Order, ordered, type Wanted, wantedOf } from './shelf.ts'
import { ShelfHead } from './shelf-head.tsx'
import { ShelfRow } from './shelf-row.tsx'
import { ShelfTools } from './shelf-tools.tsx'

const [oneLine, twoLines] = [34, 56]
/** Of a row in one line. */
const fewestPixels = 640

const open = ({ ref }: Model): void => goTo('models', ref)
const row = (model: Model): JSX.Element => <ShelfRow model={model} onOpen={() => open(model)} />

export function ModelShelf({ models }: { readonly models: readonly Model[] }): JSX.Element {
  const wanted = useSignal<Wanted>(allWanted)
  const order = useSignal<Order>(firstOrder)
  const selected = useSignal<string | undefined>(undefined)
  const part = useRef<HTMLElement>(null)
  const isNarrow = useNarrow(part, fewestPixels)
  const all: Signal<readonly Model[]> = useSignal(models)
  all.value = models
  const sorted = useComputed(() => ordered(all.value, order.value))
  const shelf = useComputed(() => wantedOf(sorted.value, wanted.value))
  return (
    <section ref={part} class={`model-shelf ${isNarrow ? 'narrow' : ''}`} aria-label={text.models.title}>
      <ShelfTools models={models} count={shelf.value.length} wanted={wanted} order={order} isNarrow={isNarrow} />
      {shelf.value.length === 0 ? (
        <div class="row">
          <p>{text.models.nothingFits}</p>
          <Button
            onPress={() => {
              wanted.value = allWanted
            }}
          >
            {text.models.clear}
          </Button>
        </div>
      ) : (
        <div class="shelf">
          {!isNarrow && <ShelfHead order={order} />}
          <VirtualList
            label={text.models.list}
            items={shelf.value}
            keyOf={(one) => one.ref}
            rowHeight={isNarrow ? twoLines : oneLine}
            selected={selected}
            onChoose={open}
          >
            {row}
          </VirtualList>
        </div>
      )}
    </section>
  )
}
