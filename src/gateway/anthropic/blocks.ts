/**
 * The blocks of a streamed message, one open at a time: https://docs.claude.com/en/docs/build-with-claude/streaming.
 * What stands around the text of a piece is made once for each block.
 */
export interface Blocks {
  text(piece: string): string
  thinking(piece: string): string
  /** Opens the block of a call. */
  toolUse(id: string, name: string): string
  /** Of the call whose block is open. */
  input(piece: string): string
  close(): string
}

const kinds = {
  text: { start: '{"type":"text","text":""}', delta: '{"type":"text_delta","text":' },
  thinking: { start: '{"type":"thinking","thinking":"","signature":""}', delta: '{"type":"thinking_delta","thinking":' },
  tool_use: { start: '', delta: '{"type":"input_json_delta","partial_json":' },
} as const
type Kind = keyof typeof kinds

export function createBlocks(): Blocks {
  let index = -1
  let open: Kind | undefined
  let before = ''

  const deltaStart = (): string => `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":`
  const close = (): string => {
    if (open === undefined) return ''
    // Only Anthropic signs what was thought; clients wait for the field.
    const signature = open === 'thinking' ? `${deltaStart()}{"type":"signature_delta","signature":""}}\n\n` : ''
    open = undefined
    return `${signature}event: content_block_stop\ndata: {"type":"content_block_stop","index":${index}}\n\n`
  }
  const start = (kind: Kind, block: string = kinds[kind].start): string => {
    const closing = close()
    index++
    open = kind
    before = deltaStart() + kinds[kind].delta
    return `${closing}event: content_block_start\ndata: {"type":"content_block_start","index":${index},"content_block":${block}}\n\n`
  }
  const delta = (piece: string): string => `${before}${JSON.stringify(piece)}}}\n\n`
  const pieceOf = (kind: Kind, piece: string): string => {
    if (piece === '') return ''
    return open === kind ? delta(piece) : start(kind) + delta(piece)
  }

  return {
    text: (piece) => pieceOf('text', piece),
    thinking: (piece) => pieceOf('thinking', piece),
    toolUse: (id, name) => start('tool_use', `{"type":"tool_use","id":${JSON.stringify(id)},"name":${JSON.stringify(name)},"input":{}}`),
    input: (piece) => (piece === '' ? '' : delta(piece)),
    close,
  }
}
