/** What a model is, as far as anybody says. */
import type { ComponentChildren, JSX } from 'preact'
import type { Model } from '../../sdk.ts'
import { agoText, countText, dateTimeText, sizeText, tokensText } from '../../text/numbers.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { announce } from '../../ui/announcer.tsx'
import { Choice } from '../../ui/choice.tsx'
import { now } from '../../ui/clock.ts'
import { CopyButton } from '../../ui/command.tsx'
import { ErrorNote } from '../../ui/note.tsx'
import { useCall } from '../../ui/use-call.ts'
import { useYard } from '../../yard/context.ts'
import { hubLinkOf } from './hub-link.ts'
import type { ModelPartProps } from './model-view.tsx'

export function ModelFacts({ model, onChanged }: ModelPartProps): JSX.Element {
  const words = text.models.facts
  const { ref, displayName, family, parameters, quantization, format, sizeBytes, contextLength, capabilities, modifiedAt, source } = model
  return (
    <section class="model-facts card stack" aria-labelledby="model-facts">
      <h2 id="model-facts">{words.title}</h2>
      <dl class="model-fact-list">
        <Fact name={words.ref}>
          <span class="copied">
            <span class="name">{shown(ref)}</span>
            <CopyButton value={ref} label={words.copyRef} />
          </span>
        </Fact>
        {displayName !== undefined && <Fact name={words.name}>{shown(displayName)}</Fact>}
        {family !== undefined && <Fact name={words.family}>{shown(family, 100)}</Fact>}
        {parameters !== undefined && <Fact name={words.parameters}>{shown(parameters, 40)}</Fact>}
        {quantization !== undefined && <Fact name={words.quantization}>{shown(quantization, 40)}</Fact>}
        {format !== undefined && <Fact name={words.format}>{shown(format, 40)}</Fact>}
        {sizeBytes !== undefined && <Fact name={words.size}>{sizeText(sizeBytes)}</Fact>}
        {contextLength !== undefined && (
          <Fact name={words.context}>{words.tokens(countText(contextLength), tokensText(contextLength))}</Fact>
        )}
        {capabilities.length > 0 && <Fact name={words.capabilities}>{capabilities.map((one) => text.capabilities[one]).join(', ')}</Fact>}
        {modifiedAt !== undefined && (
          <Fact name={words.modified}>{words.modifiedAt(agoText(modifiedAt, now.value), dateTimeText(modifiedAt))}</Fact>
        )}
        {source && <SourceFacts source={source} />}
        <Fact name={words.kind}>
          <KindChoice model={model} onChanged={onChanged} />
        </Fact>
      </dl>
    </section>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="name">{children}</dd>
    </div>
  )
}

function SourceFacts({ source: { repo, file, sha256 } }: { readonly source: NonNullable<Model['source']> }): JSX.Element {
  const words = text.models.facts
  const link = hubLinkOf(repo)
  return (
    <>
      <Fact name={words.repo}>
        {link === undefined ? (
          shown(repo)
        ) : (
          <a href={link} rel="noreferrer noopener" target="_blank">
            {shown(repo)}
          </a>
        )}
      </Fact>
      <Fact name={words.file}>{shown(file)}</Fact>
      <Fact name={words.sha256}>
        <span class="copied">
          <span class="number">{shown(sha256, 64)}</span>
          <CopyButton value={sha256} label={words.copySha} />
        </span>
      </Fact>
    </>
  )
}

function KindChoice({ model: { ref, kind }, onChanged }: ModelPartProps): JSX.Element {
  const words = text.models.facts
  const { verbs } = useYard()
  const call = useCall()
  const kinds = ['chat', 'embedding', 'reranker', 'other'] as const
  const set = async (chosen: Model['kind']): Promise<void> => {
    await verbs.models.update(ref, { kind: chosen })
    announce(words.kindSet(text.models.kinds[chosen]))
    onChanged()
  }
  return (
    <div class="stack kind">
      <Choice
        label={words.setKind}
        value={kind}
        options={kinds.map((one) => ({ value: one, label: text.models.kinds[one] }))}
        onChange={(value) => {
          const chosen = kinds.find((one) => one === value)
          if (chosen) void call.run(() => set(chosen))
        }}
      />
      <span class="small muted">{words.kindWrong}</span>
      {call.error.value !== undefined && <ErrorNote error={call.error.value} title={text.models.pin.failed} onClose={call.clear} />}
    </div>
  )
}
