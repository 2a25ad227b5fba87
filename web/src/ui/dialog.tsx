/** A modal dialog of the platform: focus stays inside, Escape closes, the page behind cannot be reached. */
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { Announcer } from './announcer.tsx'

export interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  readonly children: ComponentChildren
  /** The buttons at its end. */
  readonly ends?: ComponentChildren
}

export function Dialog({ title, onClose, children, ends }: DialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => {
    const { current } = dialog
    if (!current) return
    // In an element, the document only sees the element itself.
    const { activeElement } = current.getRootNode() as Document | ShadowRoot
    current.showModal()
    // Who opened it has the focus again, as far as it is still there; while it is open nobody behind it can have it.
    return () => {
      current.close()
      if (activeElement instanceof HTMLElement) activeElement.focus()
    }
  }, [])
  const closeOutside = (event: MouseEvent): void => {
    if (event.target === dialog.current) onClose()
  }
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onKeyDown={(event) => {
        // Left to the platform, the second one closes it whatever is said to `cancel`; and nothing behind it is meant.
        if (event.key !== 'Escape') return
        event.preventDefault()
        event.stopPropagation()
        onClose()
      }}
      onMouseDown={closeOutside}
    >
      <div class="inside">
        <h2 id={heading}>{title}</h2>
        {children}
        {ends && <div class="ends">{ends}</div>}
      </div>
      <Announcer />
    </dialog>
  )
}
