/** What stands for a repository where there is none: a name that is safe as a folder everywhere. */
import { hubSegment } from '../contract/index.ts'

export const isSegment = (one: string | undefined): one is string => one !== undefined && hubSegment.safeParse(one).success

/** `model` where nothing of it can be kept. */
export function segmentFrom(text: string): string {
  const plain = text
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[.-]+|[.-]+$/g, '')
    .slice(0, 90)
  return isSegment(plain) ? plain : 'model'
}
