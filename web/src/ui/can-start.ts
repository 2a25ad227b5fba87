/** Whether starting an engine would change something. Pure. */
import type { Capabilities, ProviderState } from '../sdk.ts'

export const canStart = (state: ProviderState, { start }: Capabilities): boolean =>
  start && (state === 'stopped' || state === 'unreachable')
