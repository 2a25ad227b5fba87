/** All models, or the one that the address names. */
import type { JSX } from 'preact'
import { route } from '../../route.ts'
import { ModelPage } from './model-page.tsx'
import { ModelsPage } from './models-page.tsx'

export function ModelsPanel(): JSX.Element {
  const [ref] = route.value.rest
  return ref === undefined ? <ModelsPage /> : <ModelPage key={ref} modelRef={ref} />
}
