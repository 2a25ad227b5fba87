/**
 * One answer inside the child: token by token, no faster than the parent has given credit for, ended at the next token
 * by an abort. Nothing is kept between requests but what llama.cpp has computed for a common beginning.
 */
import { writeAnswer } from './child-answer.ts'
import type { ChatModel } from './child-load.ts'
import { type Prompt, promptOf } from './child-prompt.ts'
import { TooLong, type Working, working } from './child-work.ts'
import { createWriting } from './child-writing.ts'
import type { FromChild, Request } from './messages.ts'

export function answerChat(loaded: ChatModel, request: Extract<Request, { type: 'chat' }>, send: (message: FromChild) => void): Working {
  const credit = createCredit(request.credits)
  const place = loaded.lanes.queue()
  const work = working(request.id, send, async (aborted) => {
    try {
      const prompt = fittingPrompt(loaded, request)
      const sequence = await place.turn
      if (!sequence || aborted()) return
      const writing = createWriting({ loaded, sequence, prompt, options: request.options, aborted })
      const say = async (piece: FromChild): Promise<void> => {
        if (!(await credit.one(aborted))) return
        send(piece)
      }
      const finishReason = await writeAnswer({ loaded, request, prompt, writing, say })
      if (finishReason && !aborted()) send({ type: 'end', id: request.id, finishReason, usage: writing.usage() })
    } finally {
      place.leave()
    }
  })
  return {
    ...work,
    grant: credit.grant,
    abort() {
      work.abort()
      place.giveUp()
      credit.wake()
    },
  }
}

/** How many tokens a prompt has; of one that is too long as well. */
export function answerCount(
  loaded: ChatModel,
  { id, ...asked }: Extract<Request, { type: 'count' }>,
  send: (message: FromChild) => void,
): Working {
  return working(id, send, async (aborted) => {
    const { tokens } = promptOf(loaded, asked)
    if (!aborted()) send({ type: 'counted', id, tokens: tokens.length })
  })
}

function fittingPrompt(loaded: ChatModel, request: Parameters<typeof promptOf>[1]): Prompt {
  const prompt = promptOf(loaded, request)
  if (prompt.tokens.length >= loaded.contextLength) throw new TooLong('The prompt', prompt.tokens.length, loaded.contextLength)
  return prompt
}

interface Credit {
  /** Waits until a piece may be sent; false when nobody wants it any more. */
  one(aborted: () => boolean): Promise<boolean>
  grant(credits: number): void
  wake(): void
}

function createCredit(credits: number): Credit {
  let left = credits
  let wake: () => void = () => {}
  return {
    async one(aborted) {
      while (left <= 0 && !aborted()) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      if (aborted()) return false
      left -= 1
      return true
    },
    grant(more) {
      left += more
      wake()
    },
    wake: () => wake(),
  }
}
