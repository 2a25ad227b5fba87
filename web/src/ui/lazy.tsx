/** A part whose code comes when it is first shown. Nothing is said while that is quick; code that is not there any more is. */
import { useSignal } from '@preact/signals'
import type { ComponentType, JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { text } from '../text/text.ts'
import { Button } from './button.tsx'
import { Note } from './note.tsx'
import { Skeleton } from './skeleton.tsx'

export function lazy(load: () => Promise<ComponentType>, Waiting: ComponentType = Rows): ComponentType {
  let loaded: ComponentType | undefined
  return function Lazy(): JSX.Element {
    const part = useSignal(loaded)
    const failed = useSignal(false)
    useEffect(() => {
      if (loaded) return
      load().then(
        (one) => {
          loaded = one
          part.value = one
        },
        () => {
          failed.value = true
        },
      )
    }, [])
    const { value: Part } = part
    if (Part) return <Part />
    return failed.value ? <NotLoaded /> : <Waiting />
  }
}

const Rows = (): JSX.Element => <Skeleton rows={6} />

/** The service was updated since the page was opened, or is not there: only the whole page can be read again. */
function NotLoaded(): JSX.Element {
  return (
    <Note tone="warn" title={text.frame.notLoaded}>
      <p>{text.frame.reload}</p>
      <div class="row">
        <Button onPress={() => location.reload()}>{text.frame.reloadNow}</Button>
      </div>
    </Note>
  )
}
