/** `GET /v1/models` and `GET /v1/models/ID` for a client that sends `anthropic-version`. */
import { type ListedChoice, since } from '../list-entry.ts'

/** https://docs.claude.com/en/api/models-list: `created_at` is the epoch where the time is not known. */
const unknownTime = '1970-01-01T00:00:00Z'

export const anthropicModel = (choice: ListedChoice) =>
  ({
    type: 'model',
    id: choice.id,
    display_name: shownName(choice),
    created_at: since(choice) ?? unknownTime,
    max_input_tokens: choice.model?.contextLength ?? null,
    max_tokens: null,
    capabilities: null,
  }) as const

/** What answers to a slot changes: it is shown by its own name. */
const shownName = ({ id, model, slot }: ListedChoice): string => (slot === undefined ? model?.displayName : undefined) ?? id

/** All of them on one page. */
export const anthropicModels = (choices: readonly ListedChoice[]) => ({
  data: choices.map(anthropicModel),
  has_more: false,
  first_id: choices[0]?.id ?? null,
  last_id: choices.at(-1)?.id ?? null,
})
