/** One box for anything; below it the catalogue, the Hub and the engines, each for itself. */
import { useComputed } from '@preact/signals'
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import { goTo } from '../../route.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { Button } from '../../ui/button.tsx'
import { useAsked } from '../../ui/use-asked.tsx'
import { useYard } from '../../yard/context.ts'
import { boxText } from './box-text.ts'
import { CatalogueGroup } from './catalogue-group.tsx'
import { EngineGroup } from './engine-group.tsx'
import { HubGroup } from './hub-group.tsx'
import { type BoxReading, readBox } from './read-box.ts'
import { restOf, type Target } from './target.ts'

export const openTarget = (target: Target): void => goTo('get', ...restOf(target))

export function SearchPage(): JSX.Element {
  const { verbs, providers } = useYard()
  const catalog = useAsked('catalogue', (signal) => verbs.catalog({ signal }))
  const config = useAsked('hosts', (signal) => verbs.config({ signal }))
  const reading = useComputed(() =>
    readBox(boxText.value, {
      catalog: catalog.value.value,
      providers: providers.value,
      hosts: hostsOf(config.value.value?.settings ?? []),
    }),
  )
  return (
    <>
      <Box reading={reading.value} />
      <CatalogueGroup catalog={catalog} words={reading.value.words} />
      <HubGroup words={reading.value.words} />
      <EngineGroup reading={reading.value} />
    </>
  )
}

/** Of the Hub that the service is told to ask, where that is another. */
function hostsOf(settings: readonly { readonly name: string; readonly value: unknown }[]): string[] {
  const endpoint = settings.find(({ name }) => name === 'hub.endpoint')?.value
  return typeof endpoint === 'string' && URL.canParse(endpoint) ? [new URL(endpoint).host] : []
}

function Box({ reading: { target, shown: what = '', refusal } }: { readonly reading: BoxReading }): JSX.Element {
  const words = text.get.box
  const [field, hint] = [useId(), useId()]
  const open = (): void => {
    if (target) openTarget(target)
  }
  return (
    <form
      class="get-box"
      onSubmit={(event) => {
        event.preventDefault()
        open()
      }}
    >
      <label class="unseen" for={field}>
        {words.label}
      </label>
      <div class="get-box-row">
        <input
          id={field}
          class="input"
          type="search"
          data-filter
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          placeholder={words.placeholder}
          aria-describedby={hint}
          aria-invalid={refusal !== undefined}
          value={boxText.value}
          onInput={({ currentTarget }) => {
            boxText.value = currentTarget.value
          }}
        />
        {target && (
          <Button look="primary" type="submit" onPress={() => {}}>
            <span class="name clip">{'path' in target ? words.plan(shown(what, 80)) : words.open(shown(what, 80))}</span>
          </Button>
        )}
      </div>
      <p id={hint} class="small muted name">
        {refusal ? shown(refusal.message) : words.hint}
      </p>
    </form>
  )
}
