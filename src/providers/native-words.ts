/** Which requests an engine understands in its client's own words: where it would refuse or drop some, ours say them. */
import { isFields, type Wire } from './openai-chat/index.ts'
import type { NativeRequest } from './provider.ts'

/** A chat in OpenAI's words, for an engine that does not know all of them. */
export function takesAsWritten(
  { namedTool, jsonObject }: Pick<Wire, 'namedTool' | 'jsonObject'>,
  { path, written }: NativeRequest,
): boolean {
  if (path !== '/v1/chat/completions') return true
  const format = written('response_format')
  return (namedTool || !isFields(written('tool_choice'))) && (jsonObject || !(isFields(format) && format.type === 'json_object'))
}

/**
 * A message in Anthropic's words that has none of those which llama-server drops in silence (`tools/server/server-chat.cpp`,
 * `server_chat_convert_anthropic_to_oai`): the form of the answer, a tool by name or no tool, one call at most, thinking
 * switched off, documents and search results. Of LM Studio it is not known.
 */
export function isPlainMessage({ path, written, mentions }: NativeRequest): boolean {
  if (path !== '/v1/messages') return true
  const [choice, thinking] = [written('tool_choice'), written('thinking')]
  const chooses =
    isFields(choice) && (choice.type === 'none' || choice.type === 'tool' || (choice.disable_parallel_tool_use ?? false) !== false)
  return !(
    chooses ||
    (isFields(thinking) && thinking.type === 'disabled') ||
    isFields(written('output_config')) ||
    isFields(written('output_format')) ||
    mentions('"document"') ||
    mentions('"search_result"')
  )
}
