import { type ListedChoice, since } from '../list-entry.ts'

export const openaiModels = (choices: readonly ListedChoice[]): unknown => ({ object: 'list', data: choices.map(openaiModel) })

/** The answer of `/v1/models/ID` too. The time is 0 where no engine tells it. */
export function openaiModel(choice: ListedChoice): unknown {
  const created = Date.parse(since(choice) ?? '')
  return {
    id: choice.id,
    object: 'model',
    created: Number.isNaN(created) ? 0 : Math.floor(created / 1000),
    owned_by: choice.model?.provider ?? choice.slot?.provider ?? 'modelyard',
  }
}
