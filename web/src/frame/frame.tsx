/** What is always there: the panels' names, the slots, and whether what is shown is true. */
import type { ComponentType, JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { SwitchPanel } from '../panels/switch/switch-panel.tsx'
import { addressOf, goTo, type Panel, route } from '../route.ts'
import type { SessionView } from '../session.ts'
import { text } from '../text/text.ts'
import { Announcer, announce } from '../ui/announcer.tsx'
import { lazy } from '../ui/lazy.tsx'
import { type Place, PlaceContext } from '../ui/place.ts'
import { chosenSlot } from '../yard/chosen-slot.ts'
import { useYard } from '../yard/context.ts'
import { ConnectionNote } from './connection-note.tsx'
import { watchJobsInTab } from './job-watch.ts'
import { OtherVersion } from './other-version.tsx'
import { Shortcuts } from './shortcuts.tsx'
import { Side } from './side.tsx'
import { SlotBar } from './slot-bar.tsx'
import { PanelTitle, progressInTab } from './tab-title.tsx'

/** The first is there at once; the others come when somebody goes there. */
const parts: Readonly<Record<Panel, ComponentType>> = {
  switch: SwitchPanel,
  get: lazy(() => import('../panels/get/get-panel.tsx').then((one) => one.GetPanel)),
  models: lazy(() => import('../panels/models/models-panel.tsx').then((one) => one.ModelsPanel)),
  try: lazy(() => import('../panels/try/try-panel.tsx').then((one) => one.TryPanel)),
  activity: lazy(() => import('../panels/activity/activity-panel.tsx').then((one) => one.ActivityPanel)),
  connect: lazy(() => import('../panels/connect/connect-panel.tsx').then((one) => one.ConnectPanel)),
  settings: lazy(() => import('../panels/settings/settings-panel.tsx').then((one) => one.SettingsPanel)),
}

const place: Place = {
  slot: chosenSlot,
  links: { addressOf, goTo },
}

export function Frame({ session }: { readonly session: SessionView }): JSX.Element {
  const { panel } = route.value
  const { jobs, connection } = useYard()
  useNewPlace()
  useEffect(() => watchJobsInTab(jobs, { announce, setProgress }), [jobs])
  const isStale = connection.value.state === 'lost'
  const Part = parts[panel]
  return (
    <div class="frame" data-stale={isStale || undefined}>
      <PanelTitle />
      <button type="button" class="skip" onClick={toContent}>
        {text.frame.skip}
      </button>
      <Side session={session} />
      <div class="main">
        <SlotBar />
        <ConnectionNote />
        <OtherVersion />
        <main id="content" tabIndex={-1} aria-label={text.panels[panel]}>
          <PlaceContext.Provider value={place}>
            <Part key={panel} />
          </PlaceContext.Provider>
        </main>
      </div>
      <Shortcuts />
      <Announcer />
    </div>
  )
}

const setProgress = (progress: string | undefined): void => {
  progressInTab.value = progress
}

/**
 * Another place begins at its top. What had the focus may have gone with the last one: then the content has it, not the
 * page as a whole. A choice within a place, as of a quantization, leaves it where it is.
 */
function useNewPlace(): void {
  const { panel, rest } = route.value
  const here = [panel, ...rest.slice(0, 2)].join('/')
  const last = useRef(here)
  useEffect(() => {
    if (last.current === here) return
    last.current = here
    document.getElementById('content')?.scrollTo({ top: 0, behavior: 'instant' })
    if (document.activeElement === document.body) toContent()
  }, [here])
}

/** No link: the fragment of the address is the route's. */
const toContent = (): void => document.getElementById('content')?.focus({ preventScroll: true })
