/** A plan in words, and what to do about a refusal. Pure. */
import type { Fit, HubQuantization, JobPlan, JobRequest, ModelyardError, PlannedFile, Source } from '../../sdk.ts'
import { sizeText, tokensText } from '../../text/numbers.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import type { Tone } from '../../ui/mark.tsx'

const words = text.get.plan

/** What a person chose beside the model; undefined: as the service would. */
export interface Wishes {
  readonly into?: readonly string[] | undefined
  readonly switch?: string | false | undefined
}

export function requestOf(source: Source, { into, switch: slot }: Wishes, bytesPerSecond?: number): JobRequest {
  return {
    ...source,
    ...(into && into.length > 0 && { into: [...into] }),
    ...(slot !== undefined && { switch: slot }),
    ...(bytesPerSecond !== undefined && { bytesPerSecond }),
  }
}

/** `Get · Q4_K_M · 2.5 GB`: what pressing it fetches. */
export function getLabel({ quantization, downloadBytes, imports, source }: JobPlan): string {
  const isPull = imports.some(({ strategy }) => strategy === 'engine-pull')
  const what = isPull && 'name' in source ? text.get.engine.from(source.name, source.from) : quantization
  const size = isPull && downloadBytes === 0 ? undefined : downloadBytes === 0 ? words.allHere : words.size(sizeText(downloadBytes))
  return [words.get, what === undefined ? undefined : shown(what, 60), size].filter((one) => one !== undefined).join(' · ')
}

export function fetchText({ downloadBytes, imports }: JobPlan): string {
  const puller = imports.find(({ strategy }) => strategy === 'engine-pull')
  if (puller && downloadBytes === 0) return words.byEngine(puller.provider)
  return downloadBytes === 0 ? words.nothing : sizeText(downloadBytes)
}

/** What is said of a file beside its name and size. */
export const fileNotes = ({ role, from, already }: PlannedFile): { readonly notes: string[]; readonly path?: string } => ({
  notes: [...(role === 'projector' ? [words.projector] : []), ...(words.here[from] === '' ? [] : [words.here[from]])],
  ...(already !== undefined && from !== 'download' && { path: already }),
})

export const volumeText = ({ path, neededBytes, freeBytes }: JobPlan['volumes'][number]): string =>
  freeBytes === undefined ? words.needs(sizeText(neededBytes), path) : words.needsOf(sizeText(neededBytes), sizeText(freeBytes), path)

/** The model in a few words, as its file says. */
export const modelWords = ({ architecture, contextLength, template }: JobPlan): string[] => [
  ...(architecture === undefined ? [] : [shown(architecture, 60)]),
  ...(contextLength === undefined ? [] : [words.context(tokensText(contextLength))]),
  ...(template === undefined ? [] : [template ? words.template : words.noTemplate]),
]

const tones: Readonly<Record<Fit['verdict'], Tone>> = { gpu: 'good', partly: 'good', memory: 'good', no: 'warn', unknown: 'muted' }

/** Too large is a warning and no more: what is free now may be more later. */
export function fitWords(
  fit: Fit | undefined,
  complete: HubQuantization['complete'] = true,
): { readonly tone: Tone; readonly text: string } {
  if (!complete) return { tone: 'warn', text: text.get.repository.incomplete }
  return fit ? { tone: tones[fit.verdict], text: text.get.fit[fit.verdict] } : { tone: 'muted', text: text.get.fit.none }
}

export interface RefusalHelp {
  /** A page to open, on https. */
  readonly page?: string
  /** What it may have meant instead. */
  readonly candidates: readonly string[]
  readonly advice: readonly string[]
  /** The terms have to be accepted, or a token is missing. */
  readonly gated: boolean
}

/** What its own words do not say. Everything in it comes from elsewhere, and is looked at before it is shown. */
export function helpFor({ code, details = {} }: ModelyardError): RefusalHelp {
  const page = safeLink(details.url)
  const volumes = listOf(details.volumes).flatMap(volumeOf)
  return {
    ...(page !== undefined && { page }),
    candidates: [...listOf(details.candidates), ...listOf(details.quantizations), ...listOf(details.near)]
      .filter((one) => typeof one === 'string')
      .slice(0, 20),
    advice: [...volumes, ...(code === 'disk_full' ? [words.room] : []), ...(code === 'hub_unreachable' ? [words.offline] : [])],
    gated: code === 'gated',
  }
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

function volumeOf(one: unknown): string[] {
  const { path, neededBytes, freeBytes } = (one ?? {}) as Readonly<Record<string, unknown>>
  if (typeof path !== 'string' || typeof neededBytes !== 'number' || typeof freeBytes !== 'number') return []
  return [words.volume(sizeText(neededBytes), sizeText(freeBytes), shown(path, 200))]
}

/** An address that may become a link; nothing else does. */
export function safeLink(value: unknown): string | undefined {
  if (typeof value !== 'string' || !URL.canParse(value)) return undefined
  const { protocol, hostname, href } = new URL(value)
  const isLoopback = hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
  return protocol === 'https:' || (protocol === 'http:' && isLoopback) ? href : undefined
}

/** Megabytes a second as typed; undefined: no limit; NaN: no number that is one. */
export function limitOf(typed: string): number | undefined {
  const written = typed.trim().replace(',', '.')
  if (written === '') return undefined
  const value = Number(written)
  return /^\d{1,6}(?:\.\d{1,3})?$/.test(written) && value >= 0.1 ? Math.round(value * 1e6) : Number.NaN
}
