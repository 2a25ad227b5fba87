/** Every key of the page: the table that is shown is the table that is obeyed. Pure. */
export type KeyAction = 'palette' | 'filter' | 'keys'

export interface Key {
  readonly name: 'palette' | 'filter' | 'keys' | 'move' | 'ends' | 'choose' | 'close'
  /** As `KeyboardEvent.key` says them; with `command`: while Ctrl or the command key is held. */
  readonly keys: readonly string[]
  readonly command?: boolean
  /** Absent: a list or a dialog does it by itself. */
  readonly action?: KeyAction
}

export const keys: readonly Key[] = [
  { name: 'palette', keys: ['k'], command: true, action: 'palette' },
  { name: 'filter', keys: ['/'], action: 'filter' },
  { name: 'keys', keys: ['?'], action: 'keys' },
  { name: 'move', keys: ['ArrowUp', 'ArrowDown'] },
  { name: 'ends', keys: ['Home', 'End'] },
  { name: 'choose', keys: ['Enter'] },
  { name: 'close', keys: ['Escape'] },
]

export interface Pressed {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly repeat?: boolean
  readonly isComposing?: boolean
}

/** What it asks for. While somebody types, a key without Ctrl is a character. */
export function actionOf({ key, ctrlKey, metaKey, altKey, repeat, isComposing }: Pressed, isTyping: boolean): KeyAction | undefined {
  const command = ctrlKey || metaKey
  if (altKey || repeat || isComposing || (isTyping && !command)) return undefined
  return keys.find((one) => (one.command ?? false) === command && one.keys.includes(command ? key.toLowerCase() : key))?.action
}

/** As it is printed on the keys of this machine. */
export function keyText(key: string, isApple: boolean): string {
  const signs: Readonly<Record<string, string>> = { ArrowUp: '↑', ArrowDown: '↓', Escape: 'Esc', Enter: isApple ? '⏎' : 'Enter' }
  return signs[key] ?? (key.length === 1 ? key.toUpperCase() : key)
}

export const commandText = (isApple: boolean): string => (isApple ? '⌘' : 'Ctrl')
