/** What is always there: the panels' names, the slots, and whether what is shown is true. */
import type { ComponentType, JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { ActivityPanel } from '../panels/activity/activity-panel.tsx'
import { ConnectPanel } from '../panels/connect/connect-panel.tsx'
import { GetPanel } from '../panels/get/get-panel.tsx'
import { ModelsPanel } from '../panels/models/models-panel.tsx'
import { SettingsPanel } from '../panels/settings/settings-panel.tsx'
import { SwitchPanel } from '../panels/switch/switch-panel.tsx'
import { TryPanel } from '../panels/try/try-panel.tsx'
import { type Panel, route } from '../route.ts'
import type { SessionView } from '../session.ts'
import { text } from '../text/text.ts'
import { Announcer, announce } from '../ui/announcer.tsx'
import { useYard } from '../yard/context.ts'
import { ConnectionNote } from './connection-note.tsx'
import { watchJobsInTab } from './job-watch.ts'
import { Side } from './side.tsx'
import { SlotBar } from './slot-bar.tsx'
import { PanelTitle, progressInTab } from './tab-title.tsx'

const parts: Readonly<Record<Panel, ComponentType>> = {
  switch: SwitchPanel,
  get: GetPanel,
  models: ModelsPanel,
  try: TryPanel,
  activity: ActivityPanel,
  connect: ConnectPanel,
  settings: SettingsPanel,
}

export function Frame({ session }: { readonly session: SessionView }): JSX.Element {
  const { panel } = route.value
  const { jobs, connection } = useYard()
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
        <main id="content" tabIndex={-1} aria-label={text.panels[panel]}>
          <Part key={panel} />
        </main>
      </div>
      <Announcer />
    </div>
  )
}

const setProgress = (progress: string | undefined): void => {
  progressInTab.value = progress
}

/** No link: the fragment of the address is the route's. */
const toContent = (): void => document.getElementById('content')?.focus()
