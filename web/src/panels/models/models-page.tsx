/** What is in memory now, what all models take on disk, and the list of them. */
import type { JSX } from 'preact'
import { text } from '../../text/text.ts'
import { Note } from '../../ui/note.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { useYard } from '../../yard/context.ts'
import { DiskTotals } from './disk-totals.tsx'
import { knownModels, silentEngines } from './known-models.ts'
import { LoadedNow } from './loaded-now.tsx'
import { MemoryBars } from './memory-bars.tsx'
import { ModelShelf } from './model-shelf.tsx'
import { NoModels } from './no-models.tsx'

export function ModelsPage(): JSX.Element {
  const yard = useYard()
  const models = knownModels(yard).value
  return (
    <div class="models-page">
      <h1>{text.models.title}</h1>
      <div class="models-head">
        <LoadedNow />
        <MemoryBars />
      </div>
      {silentEngines(yard).map((id) => (
        <Note key={id} tone="warn">
          <p class="name">{text.models.silent.listed(id, models?.filter((one) => one.provider === id).length ?? 0)}</p>
        </Note>
      ))}
      {models === undefined ? (
        <Skeleton rows={8} />
      ) : models.length === 0 ? (
        <NoModels />
      ) : (
        <>
          <ModelShelf models={models} />
          <DiskTotals models={models} />
        </>
      )}
    </div>
  )
}
