import type { Client } from '../client/index.ts'
import { ModelyardError } from '../contract/index.ts'
import { formatContext, formatSize } from './format.ts'
import { visible } from './visible.ts'

/** Asks the person which model to use. */
export async function pickModel(client: Client, signal: AbortSignal): Promise<string> {
  const { models } = await client.models.list({ signal })
  if (models.length === 0) throw new ModelyardError('model_not_found', 'No provider has a chat model.')
  const { isCancel, select } = await import('@clack/prompts')
  const serving = models.find(({ slots }) => slots.includes('default'))
  const picked = await select({
    message: 'Which model?',
    options: models.map(({ ref, sizeBytes, quantization = '', contextLength, loaded }) => ({
      value: ref,
      label: visible(ref),
      hint: [formatSize(sizeBytes), visible(quantization), formatContext(contextLength), loaded.length > 0 ? 'loaded' : '']
        .filter(Boolean)
        .join(', '),
    })),
    ...(serving && { initialValue: serving.ref }),
    maxItems: 12,
    output: process.stderr,
    signal,
  })
  if (isCancel(picked)) throw new ModelyardError('cancelled', 'No model was picked; nothing changed.')
  return picked
}
