/** What surrounds a part and differs between the page and an element: the slot that is meant, and where there is to go. */
import type { ReadonlySignal } from '@preact/signals'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Panel } from '../route.ts'

export interface Links {
  addressOf(panel: Panel, ...rest: string[]): string
  goTo(panel: Panel, ...rest: string[]): void
}

export interface Place {
  /** Which one a "Use" moves, by name; it may be gone. */
  readonly slot: ReadonlySignal<string>
  /** Absent where there is nothing else to go to. */
  readonly links?: Links
}

export const PlaceContext = createContext<Place | undefined>(undefined)

export function usePlace(): Place {
  const place = useContext(PlaceContext)
  if (!place) throw new Error('a part was drawn without a place')
  return place
}
