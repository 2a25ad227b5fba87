/** The panels by name; at its end the jobs that run, the theme, and signing out. On a narrow page it is a bar at the bottom. */
import { computed, useComputed } from '@preact/signals'
import type { JSX } from 'preact'
import { commandText } from '../palette/keys.ts'
import { isApple, opened } from '../palette/opened.ts'
import { addressOf, type Panel, panels, route } from '../route.ts'
import type { SessionView } from '../session.ts'
import { text } from '../text/text.ts'
import { theme, themes } from '../theme.ts'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { Mark } from '../ui/mark.tsx'
import { ErrorNote } from '../ui/note.tsx'
import { useCall } from '../ui/use-call.ts'
import { useYard } from '../yard/context.ts'

/** Four that a narrow page shows at once; the rest is under "More". */
const first: readonly Panel[] = ['switch', 'get', 'models', 'try']
const rest = panels.filter((one) => !first.includes(one))

const isRest = computed(() => rest.includes(route.value.panel))

export function Side({ session }: { readonly session: SessionView }): JSX.Element {
  return (
    <div class="side">
      <div class="brand" aria-hidden="true">
        {text.name}
      </div>
      <nav aria-label={text.frame.navigation}>
        {first.map((panel) => (
          <PanelLink key={panel} panel={panel} />
        ))}
        <div class="rest">
          {rest.map((panel) => (
            <PanelLink key={panel} panel={panel} />
          ))}
        </div>
        <details class="more" key={String(isRest.value) + route.value.panel}>
          <summary class={isRest.value ? 'here' : ''}>
            <Icon name="more" />
            {isRest.value ? text.panels[route.value.panel] : text.common.more}
          </summary>
          <div class="sheet">
            {rest.map((panel) => (
              <PanelLink key={panel} panel={panel} />
            ))}
            <SideEnd session={session} />
          </div>
        </details>
      </nav>
      <div class="end">
        <SideEnd session={session} />
      </div>
    </div>
  )
}

function PanelLink({ panel }: { readonly panel: Panel }): JSX.Element {
  const here = route.value.panel === panel
  return (
    <a class={`panel-link ${here ? 'here' : ''}`} href={addressOf(panel)} aria-current={here ? 'page' : undefined}>
      <Icon name={panel} />
      {text.panels[panel]}
    </a>
  )
}

function Connection(): JSX.Element {
  const { state } = useYard().connection.value
  return (
    <Mark tone={state === 'open' ? 'good' : 'warn'}>{state === 'open' ? text.frame.connection.open : text.frame.connection.trying}</Mark>
  )
}

function SideEnd({ session }: { readonly session: SessionView }): JSX.Element {
  const { jobs } = useYard()
  const out = useCall()
  const running = useComputed(
    () => jobs.all.value?.filter(({ value: { state } }) => state === 'running' || state === 'waiting').length ?? 0,
  )
  return (
    <div class="side-end">
      <Connection />
      {running.value > 0 && <a href={addressOf('get')}>{text.frame.jobs(running.value)}</a>}
      <Button look="quiet" expanded={opened.value === 'palette'} onPress={() => (opened.value = 'palette')}>
        {text.palette.title} <kbd>{`${commandText(isApple)} K`}</kbd>
      </Button>
      <label class="row">
        <Icon name="theme" />
        <span class="unseen">{text.frame.theme.label}</span>
        <select
          class="plain-select"
          value={theme.value}
          onChange={({ currentTarget }) => {
            theme.value = themes.find((one) => one === currentTarget.value) ?? 'system'
          }}
        >
          {themes.map((one) => (
            <option key={one} value={one}>
              {text.frame.theme[one]}
            </option>
          ))}
        </select>
      </label>
      <Button look="quiet" onPress={() => void out.run(session.signOut)} unavailable={out.running.value ? text.common.loading : undefined}>
        {text.session.signOut}
      </Button>
      {out.error.value !== undefined && <ErrorNote title={text.session.signOutFailed} error={out.error.value} onClose={out.clear} />}
    </div>
  )
}
