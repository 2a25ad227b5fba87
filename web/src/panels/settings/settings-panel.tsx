/** How the yard behaves, what it found on this machine, and where each value comes from. */
import type { JSX } from 'preact'
import { text } from '../../text/text.ts'
import { useAgainWhenSeen } from '../../ui/again-when-seen.ts'
import { useAsked } from '../../ui/use-asked.tsx'
import { useYard } from '../../yard/context.ts'
import { AboutSection } from './about-section.tsx'
import { DiskSection } from './disk-section.tsx'
import { DoctorSection } from './doctor-section.tsx'
import { DownloadsSection } from './downloads-section.tsx'
import { EnginesSection } from './engines-section.tsx'
import { SlotsSection } from './slots-section.tsx'
import { SourcesSection } from './sources-section.tsx'

export function SettingsPanel(): JSX.Element {
  const { verbs } = useYard()
  const config = useAsked('config', (signal) => verbs.config({ signal }))
  useAgainWhenSeen(config)
  return (
    <div class="settings-panel">
      <h1>{text.settings.title}</h1>
      <SlotsSection inFile={Object.keys(config.value.value?.config.slots ?? {})} />
      <EnginesSection />
      <DiskSection />
      <DoctorSection />
      <DownloadsSection config={config} />
      <SourcesSection config={config} />
      <AboutSection />
    </div>
  )
}
