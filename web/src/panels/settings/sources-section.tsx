/** Every setting in force, and who said it. */
import type { JSX } from 'preact'
import type { EffectiveConfig } from '../../sdk.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import type { Question } from '../../ui/question.ts'
import { Asked } from '../../ui/use-asked.tsx'
import { inForce, type SettingView, valueText } from './sources.ts'

export function SourcesSection({ config }: { readonly config: Question<EffectiveConfig> }): JSX.Element {
  const words = text.settings.sources
  return (
    <section class="stack" aria-labelledby="settings-sources">
      <h2 id="settings-sources">{words.title}</h2>
      <p class="muted">{words.lead}</p>
      <Asked asked={config} title={text.settings.downloads.unread}>
        {({ settings, file }) => (
          <>
            <p class="small name">{words.file(shown(file.path), file.read)}</p>
            <table class="rows source-table" aria-labelledby="settings-sources">
              <thead>
                <tr>
                  <th scope="col">{words.setting}</th>
                  <th scope="col">{words.value}</th>
                  <th scope="col">{words.from}</th>
                </tr>
              </thead>
              <tbody>
                {inForce(settings).map((one) => (
                  <SettingRow key={one.name} setting={one} />
                ))}
              </tbody>
            </table>
          </>
        )}
      </Asked>
    </section>
  )
}

function SettingRow({ setting: { name, value, source, from } }: { readonly setting: SettingView }): JSX.Element {
  const words = text.settings.sources
  const said = shown(valueText(value))
  return (
    <tr>
      <th scope="row">
        <code class="name">{name}</code>
      </th>
      <td class="name">{said === '' ? <span class="muted">{words.empty}</span> : said}</td>
      <td>
        <span class={source === 'default' ? 'muted' : ''} title={from}>
          {words.source[source]}
        </span>
        {from !== undefined && (source === 'flag' || source === 'variable') && <code class="name"> {from}</code>}
      </td>
    </tr>
  )
}
