/** A switch where it happens: it grows in place, says how it ended, and stays as long as somebody has to read it. */
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { LoadOptions, Model, Slot } from '../../sdk.ts'
import type { SwitchView } from '../../yard/fold.ts'
import { Ended, Folded } from './strip-ended.tsx'
import { closed, folded, put } from './strip-memory.ts'
import { Running } from './strip-running.tsx'
import { tellNews } from './switch-news.ts'
import { titleOf, toneOf } from './told.ts'

export interface SwitchStripProps {
  readonly view: SwitchView
  readonly slot: Slot | undefined
  readonly models: readonly Model[]
  /** The one that gave way to this. */
  readonly before: SwitchView | undefined
  readonly onTry: (ref: string, load?: LoadOptions) => void
  /** Has been closed: who had the focus in it needs another place. */
  readonly onClosed: () => void
}

export function SwitchStrip({ view, slot, models, before, onTry, onClosed }: SwitchStripProps): JSX.Element {
  const { id, outcome, to } = view.record
  const strip = useRef<HTMLElement>(null)
  useKeptFocus(strip, outcome)
  useLayoutEffect(() => strip.current?.scrollIntoView({ block: 'nearest' }), [id, outcome])
  useEffect(() => tellNews(view), [id, to === undefined, outcome])
  const close = (): void => {
    put(closed, id, true)
    onClosed()
  }
  const stays = outcome === 'degraded' && slot?.state === 'degraded'
  const isFolded = outcome !== undefined && folded.value.has(id)
  return (
    <section
      ref={strip}
      tabIndex={-1}
      class={`switch-strip ${isFolded ? 'quiet' : `note ${outcome === undefined ? 'running' : (toneOf(view.record) ?? '')}`}`}
      aria-label={titleOf(view)}
    >
      {outcome === undefined && (
        <Running view={view} slot={slot} before={before} sizeBytes={models.find((one) => one.ref === to)?.sizeBytes} />
      )}
      {outcome !== undefined && !isFolded && <Ended view={view} models={models} onTry={onTry} onClose={stays ? undefined : close} />}
      {isFolded && <Folded view={view} onOpen={() => put(folded, id, false)} onClose={close} />}
    </section>
  )
}

/** A button that goes away while it has the focus leaves it to the strip. */
function useKeptFocus(strip: { readonly current: HTMLElement | null }, outcome: string | undefined): void {
  const had = useRef(false)
  useLayoutEffect(() => {
    const { current } = strip
    if (!current) return
    const root = current.getRootNode() as Document | ShadowRoot
    if (had.current && !current.contains(root.activeElement)) current.focus()
    const come = (): void => {
      had.current = true
    }
    const go = (event: FocusEvent): void => {
      if (event.relatedTarget instanceof Node && !current.contains(event.relatedTarget)) had.current = false
    }
    current.addEventListener('focusin', come)
    current.addEventListener('focusout', go)
    return () => {
      current.removeEventListener('focusin', come)
      current.removeEventListener('focusout', go)
    }
  }, [strip, outcome])
}
