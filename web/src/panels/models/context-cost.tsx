/** What a model takes in memory with the context that is written beside it, and whether there is room. */
import type { JSX } from 'preact'
import type { Model } from '../../sdk.ts'
import { sizeText, tokensText } from '../../text/numbers.ts'
import { text } from '../../text/text.ts'
import { Mark, type Tone } from '../../ui/mark.tsx'
import { costOf, type MemoryParts, type Verdict, verdictOf } from './memory-cost.ts'
import { useHardware } from './use-hardware.ts'

export interface ContextCostProps {
  readonly parts: MemoryParts
  readonly model: Model
  /** Undefined: none is written. */
  readonly wanted: number | undefined
}

const tones: Readonly<Record<Verdict['fits'], Tone>> = { now: 'good', 'after-others': 'warn', never: 'bad' }

export function ContextCost({ parts, model: { loaded }, wanted }: ContextCostProps): JSX.Element {
  const words = text.models.cost
  const hardware = useHardware().value.value
  const { context, weightsBytes, overheadBytes, contextBytes, neededBytes } = costOf(parts, wanted)
  const own = loaded.reduce((all, { memoryBytes = 0 }) => all + memoryBytes, 0)
  const verdict = hardware && neededBytes !== undefined ? verdictOf(neededBytes, hardware, own) : undefined
  return (
    <div class="context-cost stack">
      <h3>{words.title}</h3>
      <dl class="sum">
        <Part name={words.weights} bytes={weightsBytes} />
        <Part name={words.overhead} bytes={overheadBytes} />
        <Part name={words.context(tokensText(context))} bytes={contextBytes} />
        {neededBytes !== undefined && <Part name={words.all} bytes={neededBytes} />}
      </dl>
      {parts.contextBytesPerToken !== undefined && (
        <p class="small muted">
          {words.perThousand(sizeText(parts.contextBytesPerToken * 1000))} {wanted === undefined && words.assumed}
        </p>
      )}
      {verdict && <Mark tone={tones[verdict.fits]}>{words[verdict.fits](sizeText(verdict.room), own > 0)}</Mark>}
      {own > 0 && <p class="small muted">{words.loadedNow(sizeText(own))}</p>}
    </div>
  )
}

function Part({ name, bytes }: { readonly name: string; readonly bytes: number | undefined }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="number">{bytes === undefined ? text.models.cost.unknownContext : sizeText(bytes)}</dd>
    </div>
  )
}
