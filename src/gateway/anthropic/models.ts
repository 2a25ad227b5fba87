/** `GET /v1/models` and `GET /v1/models/{id}` as a client that sends `anthropic-version` expects them. */
export interface NamedModel {
  /** What a client writes as `model`. */
  readonly id: string
  readonly displayName?: string | undefined
  /** ISO 8601 */
  readonly modifiedAt?: string | undefined
  readonly contextLength?: number | undefined
}

/** https://docs.claude.com/en/api/models-list: "created_at" may be the epoch where it is not known. */
const unknownTime = '1970-01-01T00:00:00Z'

export function anthropicModel({ id, displayName, modifiedAt, contextLength }: NamedModel) {
  return {
    type: 'model',
    id,
    display_name: displayName ?? id,
    created_at: modifiedAt ?? unknownTime,
    max_input_tokens: contextLength ?? null,
    max_tokens: null,
    capabilities: null,
  } as const
}

/** All of them on one page. */
export function anthropicModels(models: readonly NamedModel[]) {
  return {
    data: models.map(anthropicModel),
    has_more: false,
    first_id: models[0]?.id ?? null,
    last_id: models.at(-1)?.id ?? null,
  }
}
