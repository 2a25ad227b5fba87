/** What an engine takes beyond the fields that every server of OpenAI's dialect knows. */
export interface Wire {
  /** How it is called in a refusal. */
  readonly label: string
  /** `top_k` and `min_p`. */
  readonly sampling: boolean
  /** How it calls what makes repetition rare; absent: it has none. */
  readonly repeatPenalty?: 'repeat_penalty' | 'repetition_penalty' | undefined
  /** It hands `chat_template_kwargs` to the model's template, where `enable_thinking` decides; one without that variable ignores it. */
  readonly templateThinking: boolean
  /** It takes earlier thoughts back as `reasoning_content` of a message. */
  readonly thoughtsBack: boolean
  /** A certain tool can be demanded by name; where it cannot, only that one is offered and one has to be called. */
  readonly namedTool: boolean
  /** `json_object` as the form of an answer; where it is unknown, a schema of any object says the same. */
  readonly jsonObject: boolean
  /** It tells how probable its tokens were, in a stream: never, only of answers that can call no tool, or always. */
  readonly logprobs: 'never' | 'without-tools' | 'always'
}

/** A server of which nothing is known: OpenAI's own fields only. */
export const plainWire: Omit<Wire, 'label'> = {
  sampling: false,
  templateThinking: false,
  thoughtsBack: false,
  namedTool: true,
  jsonObject: true,
  logprobs: 'always',
}
