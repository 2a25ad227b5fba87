/**
 * The elements as components, for React 18 and 19. The token is set as a property, never as an attribute, and the
 * events are listened to where React (18) does not know them.
 */
import type { Job, ModelyardError, SwitchRecord } from 'modelyard/client'
import 'modelyard/elements'
import type { ModelyardDownloadsElement, ModelyardSwitchElement } from 'modelyard/elements'
import { type CSSProperties, createElement, type ReactElement, type RefObject, useEffect, useRef } from 'react'

interface Access {
  readonly address: string
  /** Undefined: the element waits for it. */
  readonly token: string | undefined
  readonly theme?: 'light' | 'dark' | 'auto'
  /** Also the place for `--my-*` tokens. */
  readonly style?: CSSProperties
  readonly onError?: (error: ModelyardError) => void
  /** The token is refused: give another one. */
  readonly onSignedOut?: (error: ModelyardError) => void
}

export interface ModelyardSwitchProps extends Access {
  readonly slot?: string
  readonly onSwitched?: (record: SwitchRecord) => void
  readonly onRolledBack?: (record: SwitchRecord) => void
  readonly onNotSwitched?: (record: SwitchRecord) => void
}

export function ModelyardSwitch(props: ModelyardSwitchProps): ReactElement {
  const ref = useRef<ModelyardSwitchElement>(null)
  useAccess(ref, props)
  useTold(ref, 'modelyard-switched', props.onSwitched)
  useTold(ref, 'modelyard-rolled-back', props.onRolledBack)
  useTold(ref, 'modelyard-not-switched', props.onNotSwitched)
  return createElement('modelyard-switch', { ref, style: props.style, theme: props.theme, 'yard-slot': props.slot })
}

export interface ModelyardDownloadsProps extends Access {
  readonly onJobFinished?: (job: Job) => void
}

export function ModelyardDownloads(props: ModelyardDownloadsProps): ReactElement {
  const ref = useRef<ModelyardDownloadsElement>(null)
  useAccess(ref, props)
  useTold(ref, 'modelyard-job-finished', props.onJobFinished)
  return createElement('modelyard-downloads', { ref, style: props.style, theme: props.theme })
}

type Element = ModelyardSwitchElement | ModelyardDownloadsElement

function useAccess(ref: RefObject<Element | null>, { address, token, onError, onSignedOut }: Access): void {
  useTold(ref, 'modelyard-error', onError)
  useTold(ref, 'modelyard-signed-out', onSignedOut)
  useEffect(() => {
    if (!ref.current) return
    ref.current.address = address
    ref.current.token = token
  }, [ref, address, token])
}

function useTold<T>(ref: RefObject<Element | null>, type: string, callback: ((detail: T) => void) | undefined): void {
  useEffect(() => {
    const { current } = ref
    if (!current || !callback) return
    const listener = (event: Event): void => callback((event as CustomEvent<T>).detail)
    current.addEventListener(type, listener)
    return () => current.removeEventListener(type, listener)
  }, [ref, type, callback])
}
