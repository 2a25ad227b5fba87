/** What an engine can do, in words; what it cannot do is left out. */
import type { Capabilities, ProviderState } from '../sdk.ts'
import { text } from '../text/text.ts'
import type { Tone } from './mark.tsx'

export const engineTones: Readonly<Record<ProviderState, Tone>> = {
  ready: 'good',
  starting: 'plain',
  stopped: 'muted',
  unreachable: 'warn',
  not_installed: 'muted',
  impostor: 'bad',
  unauthorized: 'bad',
  disabled: 'muted',
}

export function abilities(of: Capabilities): string[] {
  const words = text.settings.engines.able
  const said: readonly (readonly [boolean, string])[] = [
    [of.load === 'blocking' || of.load === 'polled', words.load],
    [of.load === 'lazy', words.lazy],
    [of.unload !== 'none', words.unload],
    [of.loadedState, words.loadedState],
    [of.reportsMemory, words.reportsMemory],
    [of.contextLength === 'per-load', words.context],
    [of.gpuLayers, words.gpuLayers],
    [of.keepAlive, words.keepAlive],
    [of.multipleModels, words.multipleModels],
    [of.pull, words.pull],
    [of.import === 'api', words.importApi],
    [of.import === 'place-file', words.importPlace],
    [of.remove !== 'none', words.remove],
    [of.start, words.start],
  ]
  return said.filter(([can]) => can).map(([, word]) => word)
}
