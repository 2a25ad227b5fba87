/** The memory of the machine, asked anew whenever an engine has loaded or unloaded something. */
import { useEffect } from 'preact/hooks'
import type { Hardware } from '../../sdk.ts'
import type { Question } from '../../ui/question.ts'
import { useAsked } from '../../ui/use-asked.tsx'
import { useYard } from '../../yard/context.ts'

export function useHardware(): Question<Hardware> {
  const yard = useYard()
  const hardware = useAsked('hardware', (signal) => yard.verbs.hardware({ signal }))
  useEffect(() => yard.onEvent(({ type }) => type === 'provider.changed' && hardware.again()), [yard, hardware])
  return hardware
}
