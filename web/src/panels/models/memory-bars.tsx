/** The memory of the machine and of its GPUs: what models take, what everything else takes, what is free. */
import type { JSX } from 'preact'
import { sizeText } from '../../text/numbers.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { Skeleton } from '../../ui/skeleton.tsx'
import { Asked } from '../../ui/use-asked.tsx'
import { useYard } from '../../yard/context.ts'
import { type MemoryUse, machineUseOf } from './memory-use.ts'
import { useHardware } from './use-hardware.ts'

export function MemoryBars(): JSX.Element {
  const words = text.models.memory
  const yard = useYard()
  const hardware = useHardware()
  const loaded = yard.providers.value.flatMap((one) => one.loaded)
  return (
    <section class="memory-bars card" aria-labelledby="memory-bars">
      <h2 id="memory-bars">{words.title}</h2>
      <Asked asked={hardware} title={words.failed} skeleton={<Skeleton rows={2} rowHeight={24} />}>
        {(answer) => {
          const { memory, gpus } = machineUseOf(answer, loaded)
          return (
            <>
              <MemoryBar name={words.machine} use={memory} />
              {gpus.map(({ name, use }, at) => (
                <MemoryBar key={`${name} ${at}`} name={shown(name, 80)} use={use} />
              ))}
            </>
          )
        }}
      </Asked>
    </section>
  )
}

function MemoryBar({ name, use }: { readonly name: string; readonly use: MemoryUse | undefined }): JSX.Element {
  const words = text.models.memory
  if (!use)
    return (
      <p class="small name">
        {name}: {words.gpuUnknown}
      </p>
    )
  const { total, free, models, other } = use
  const share = (bytes: number): string => `${(100 * bytes) / Math.max(1, total)}%`
  return (
    <div class="memory-bar">
      <div class="row">
        <span class="name">{name}</span>
        <span class="number">{words.use(sizeText(total - free), sizeText(total))}</span>
      </div>
      <div class="track" aria-hidden="true">
        <div class="models" style={{ width: share(models) }} />
        <div class="other" style={{ width: share(other) }} />
      </div>
      <ul class="legend small">
        <li class="models">{words.models(sizeText(models))}</li>
        <li class="other">{words.other(sizeText(other))}</li>
        <li class="free">{words.free(sizeText(free))}</li>
      </ul>
    </div>
  )
}
