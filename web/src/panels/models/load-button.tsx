/** Loads a model into memory and unloads it, by hand; the time it takes is shown while it takes it. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Model } from '../../sdk.ts'
import { durationText } from '../../text/numbers.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { announce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { ErrorNote } from '../../ui/note.tsx'
import { useSeconds } from '../../ui/seconds.ts'
import { useCall } from '../../ui/use-call.ts'
import { useYard } from '../../yard/context.ts'
import { silentEngines } from './known-models.ts'

export function LoadButton({ model: { ref, name, provider, loaded } }: { readonly model: Model }): JSX.Element {
  const words = text.models.load
  const yard = useYard()
  const { verbs, providers } = yard
  const { running, error, run, clear } = useCall()
  const loading = useSignal<AbortController | undefined>(undefined)
  const can = providers.value.find(({ id }) => id === provider)?.capabilities
  const isLoaded = loaded.length > 0
  const load = async (): Promise<void> => {
    const stop = new AbortController()
    loading.value = stop
    try {
      await verbs.models.load(ref, undefined, { signal: stop.signal })
      announce(words.loaded(shown(name, 200)))
    } catch (caught) {
      if (!stop.signal.aborted) throw caught
    } finally {
      loading.value = undefined
    }
  }
  const unload = async (): Promise<void> => {
    await verbs.models.unload(ref)
    announce(words.unloaded(shown(name, 200)))
  }
  const isSilent = silentEngines(yard).includes(provider)
  const busy = isSilent ? text.models.silent.title(provider) : running.value ? words.busy : undefined
  return (
    <>
      {isLoaded && !loading.value ? (
        <Button icon="eject" onPress={() => void run(unload)} unavailable={can?.unload === 'none' ? words.cannotUnload(provider) : busy}>
          {words.unload}
        </Button>
      ) : (
        <Button onPress={() => void run(load)} unavailable={can?.load === 'none' || can?.load === 'lazy' ? words.cannot(provider) : busy}>
          {words.button}
        </Button>
      )}
      {running.value && <Under isLoading={loading.value !== undefined} onStop={() => loading.value?.abort()} />}
      {error.value !== undefined && <ErrorNote error={error.value} title={isLoaded ? words.failedUnload : words.failed} onClose={clear} />}
    </>
  )
}

interface UnderProps {
  readonly isLoading: boolean
  readonly onStop: () => void
}

function Under({ isLoading, onStop }: UnderProps): JSX.Element {
  const words = text.models.load
  const [began] = useState(Date.now)
  const seconds = Math.max(0, Math.round((useSeconds(true) - began) / 1000))
  return (
    <div class="row under">
      <span class="number">{isLoading ? words.loading(durationText(seconds * 1000)) : words.unloading}</span>
      {isLoading && <Button onPress={onStop}>{words.stop}</Button>}
    </div>
  )
}
