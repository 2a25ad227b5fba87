/** What a screen reader is told of switches: each beginning and each outcome once, whichever part of the page sees it first. */
import { announce } from '../../ui/announcer.tsx'
import type { SwitchView } from '../../yard/fold.ts'
import { announced } from './told.ts'

const heard = new Set<string>()

export function tellNews(view: SwitchView): void {
  const { id, outcome, to } = view.record
  if (outcome === undefined && to === undefined) return
  const news = `${id} ${outcome ?? ''}`
  if (heard.has(news)) return
  heard.add(news)
  announce(announced(view))
}
