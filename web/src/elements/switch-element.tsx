/** `<modelyard-switch>`: the chosen slot, every chat model, and the switch while it runs. */
import { useComputed } from '@preact/signals'
import type { JSX } from 'preact'
import { SlotLine } from '../frame/slot-line.tsx'
import { ModelSwitch } from '../panels/switch/model-switch.tsx'
import type { SwitchRecord, YardEvent } from '../sdk.ts'
import { text } from '../text/text.ts'
import { Note } from '../ui/note.tsx'
import { useYard } from '../yard/context.ts'
import { defaultSlot, YardElement } from './element.tsx'
import type { ModelyardSwitchElement } from './types.ts'

export class SwitchElement extends YardElement implements ModelyardSwitchElement {
  static override readonly observedAttributes = [...YardElement.observedAttributes, 'yard-slot']
  protected override readonly inside = SwitchPart as YardElement['inside']

  get yardSlot(): string {
    return this.getAttribute('yard-slot') ?? defaultSlot
  }
  set yardSlot(slot: string) {
    this.setAttribute('yard-slot', slot)
  }
  override attributeChangedCallback(): void {
    super.attributeChangedCallback()
    this.chosen.value = this.yardSlot
  }
  protected override properties(): readonly (keyof this)[] {
    return [...super.properties(), 'yardSlot']
  }
  protected override tell(event: YardEvent): void {
    if (event.type === 'switch.finished' && event.switch.slot === this.yardSlot) this.say(nameOf(event.switch), event.switch)
  }
}

export function nameOf({ outcome }: SwitchRecord): `modelyard-${'switched' | 'rolled-back' | 'not-switched'}` {
  if (outcome === 'switched' || outcome === 'already_active') return 'modelyard-switched'
  return outcome === 'rolled_back' ? 'modelyard-rolled-back' : 'modelyard-not-switched'
}

function SwitchPart({ element }: { readonly element: SwitchElement }): JSX.Element {
  const { slots } = useYard()
  const { chosen } = element
  const slot = useComputed(() => slots.value.find((one) => one.slot === chosen.value))
  // Another slot than the one that was named is never switched.
  if (!slot.value) return <Note tone="warn">{text.elements.noSlot(chosen.value)}</Note>
  return (
    <>
      <section class="slot-bar" part="slots" aria-label={text.frame.slots}>
        <SlotLine slot={slot.value} />
      </section>
      <ModelSwitch slot={slot} whenEmpty={NoModels} />
    </>
  )
}

const NoModels = (): JSX.Element => <p class="muted">{text.switch.noModels}</p>
