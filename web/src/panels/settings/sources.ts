/** The settings in force: of several that say the same name the last one holds. Pure. */
import type { EffectiveConfig } from '../../sdk.ts'

export type SettingView = EffectiveConfig['settings'][number]

export function inForce(settings: readonly SettingView[]): SettingView[] {
  const last = new Map<string, SettingView>()
  for (const one of settings) last.set(one.name, stronger(last.get(one.name), one))
  return [...last.values()]
}

/** A default beats nothing, wherever it stands. */
const stronger = (known: SettingView | undefined, next: SettingView): SettingView =>
  known !== undefined && next.source === 'default' ? known : next

export const valueNamed = (settings: readonly SettingView[], name: string): unknown =>
  inForce(settings).find((one) => one.name === name)?.value

/** As it may be shown; empty where there is nothing. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return value.map(String).join(', ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
