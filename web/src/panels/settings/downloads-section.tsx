/** How fast downloads may be, and how many there are at once. */
import type { JSX } from 'preact'
import type { EffectiveConfig, SettingsPatch } from '../../sdk.ts'
import { text } from '../../text/text.ts'
import type { Question } from '../../ui/question.ts'
import { Skeleton } from '../../ui/skeleton.tsx'
import { Asked } from '../../ui/use-asked.tsx'
import { useYard } from '../../yard/context.ts'
import { rateTyped, readNumber, readRate } from './read-number.ts'
import { SavedField } from './saved-field.tsx'
import { valueNamed, valueText } from './sources.ts'

export function DownloadsSection({ config }: { readonly config: Question<EffectiveConfig> }): JSX.Element {
  const { verbs } = useYard()
  const words = text.settings.downloads
  const save = async (hub: SettingsPatch['hub']): Promise<void> => {
    await verbs.updateSettings({ hub })
    config.again()
  }
  return (
    <section class="stack" aria-labelledby="settings-downloads">
      <h2 id="settings-downloads">{words.title}</h2>
      <Asked asked={config} title={words.unread} skeleton={<Skeleton rows={2} />}>
        {({ settings }) => {
          const limit = valueNamed(settings, 'hub.bytesPerSecond')
          return (
            <div class="fields-grid">
              <SavedField
                label={words.limit}
                hint={words.limitHint}
                unit={words.unit}
                value={rateTyped(typeof limit === 'number' ? limit : null)}
                placeholder={words.noLimit}
                read={readRate}
                save={(bytesPerSecond) => save({ bytesPerSecond })}
              />
              <SavedField
                label={words.atOnce}
                hint={words.atOnceHint}
                value={valueText(valueNamed(settings, 'hub.downloadsAtOnce'))}
                read={(typed) => readNumber(typed, { least: 1, most: 32, whole: true })}
                save={(downloadsAtOnce) => save({ downloadsAtOnce })}
              />
            </div>
          )
        }}
      </Asked>
    </section>
  )
}
