/** What was in some seconds, in words. */
import { clockText, decimalText, durationText } from '../../text/numbers.ts'
import { text } from '../../text/text.ts'
import { type Bucket, errorsOf, noModel } from './samples.ts'

export const modelText = (model: string): string => (model === noModel ? text.activity.noModel : model)

export function bucketWords({ from, byModel }: Bucket): string {
  const models = [...byModel].map(([model, { requests, tokensPerSecond, firstTokenMs, ...rest }]) =>
    [
      modelText(model),
      text.activity.requests(requests),
      tokensPerSecond !== undefined && text.activity.perSecond(decimalText(tokensPerSecond)),
      firstTokenMs && text.activity.firstAfter(durationText(firstTokenMs.mean)),
      errorsOf({ requests, ...rest }) > 0 && text.activity.errors(errorsOf({ requests, ...rest })),
    ]
      .filter(Boolean)
      .join(', '),
  )
  return [clockText(from), ...(models.length > 0 ? models : [text.activity.nothingThen])].join(': ')
}
