/** Everything that can be done by its name. Pure: what is done is handed in. */
import { type Panel, panels } from '../route.ts'
import type { Model, ProviderInfo } from '../sdk.ts'
import { shown } from '../text/shown.ts'
import { text } from '../text/text.ts'
import { type Theme, themes } from '../theme.ts'
import type { SwitchView } from '../yard/fold.ts'

const words = text.palette

export interface Command {
  readonly id: string
  readonly group: keyof typeof words.groups
  readonly title: string
  readonly detail?: string
  readonly haystack: string
  run(): unknown
}

export interface Known {
  /** The one that a "Use" moves. */
  readonly slot: string
  readonly models: readonly Model[]
  readonly providers: readonly ProviderInfo[]
  readonly switches: readonly SwitchView[]
}

export interface Actions {
  use(ref: string): Promise<unknown>
  eject(ref: string): Promise<unknown>
  cancel(id: string): Promise<unknown>
  /** To the box of the Get panel, with these words in it. */
  get(words: string): void
  go(panel: Panel, ...rest: string[]): void
  copyAddress(): Promise<unknown>
  theme(theme: Theme): void
  keys(): void
  signOut(): Promise<unknown>
}

export function commandsOf(known: Known, act: Actions): Command[] {
  return [...switching(known, act), ...uses(known, act), ...ejects(known, act), ...places(act), ...settings(act), ...opens(known, act)]
}

/** What was typed may also be something to get; the verbs of the command line are understood. */
export function getCommand(typed: string, act: Actions): Command | undefined {
  const what = typed.trim().replace(/^(?:get|pull|download)\s+/i, '')
  if (what === '' || /^(?:get|pull|download)$/i.test(what)) return undefined
  return { id: 'get', group: 'get', title: words.get(shown(what, 80)), haystack: '', run: () => act.get(what) }
}

const made = (id: string, group: Command['group'], title: string, also: string, run: () => unknown, detail?: string): Command => ({
  id,
  group,
  title,
  haystack: `${title} ${detail ?? ''} ${also}`.toLowerCase(),
  run,
  ...(detail !== undefined && { detail }),
})

const uses = ({ models, slot }: Known, act: Actions): Command[] =>
  models
    .filter((one) => one.kind === 'chat')
    .map(({ ref, name, provider }) =>
      made(`use ${ref}`, 'use', words.use(shown(name, 200)), 'switch load', () => act.use(ref), words.useWhere(provider, slot)),
    )

const opens = ({ models }: Known, act: Actions): Command[] =>
  models.map(({ ref, name, provider }) =>
    made(`open ${ref}`, 'open', words.open(shown(name, 200)), 'show rm remove details', () => act.go('models', ref), provider),
  )

function ejects({ providers }: Known, act: Actions): Command[] {
  const able = providers.filter(({ capabilities }) => capabilities.unload !== 'none')
  return able.flatMap(({ id, loaded }) =>
    [...new Set(loaded.map(({ ref }) => ref))].map((ref) =>
      made(`eject ${ref}`, 'now', words.eject(shown(ref, 200)), 'unload stop', () => act.eject(ref), id),
    ),
  )
}

const switching = ({ switches }: Known, act: Actions): Command[] =>
  switches
    .filter(({ record }) => record.outcome === undefined)
    .map(({ record: { id, to = '', slot } }) =>
      made(`cancel ${id}`, 'now', words.cancel(shown(to, 200)), 'stop abort', () => act.cancel(id), slot),
    )

const places = (act: Actions): Command[] =>
  panels.map((panel) => made(`go ${panel}`, 'go', words.go(text.panels[panel]), `panel ${panel}`, () => act.go(panel)))

const settings = (act: Actions): Command[] => [
  made('copy address', 'page', words.copyAddress, 'url gateway base', () => act.copyAddress()),
  made('keys', 'page', words.keysTitle, 'shortcuts help', () => act.keys()),
  ...themes.map((one) => made(`theme ${one}`, 'page', words.theme(text.frame.theme[one]), 'colour', () => act.theme(one))),
  made('sign out', 'page', text.session.signOut, 'logout leave', () => act.signOut()),
]
