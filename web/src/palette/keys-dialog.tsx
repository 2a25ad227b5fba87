/** All keys of the page. */
import type { JSX } from 'preact'
import { text } from '../text/text.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { commandText, keys, keyText } from './keys.ts'
import { close, isApple } from './opened.ts'

export function KeysDialog(): JSX.Element {
  return (
    <Dialog
      title={text.palette.keysTitle}
      onClose={close}
      ends={
        <Button autofocus onPress={close}>
          {text.common.close}
        </Button>
      }
    >
      <dl class="palette-keys">
        {keys.map(({ name, keys: pressed, command }) => (
          <div key={name}>
            <dt>
              {command && <kbd>{commandText(isApple)}</kbd>} {pressed.map((one) => [<kbd key={one}>{keyText(one, isApple)}</kbd>, ' '])}
            </dt>
            <dd>{text.palette.keys[name]}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
