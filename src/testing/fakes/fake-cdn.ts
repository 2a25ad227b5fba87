/** A stand-in for the Hub's content network alone, with one file: bytes that follow from their offset, and faults on wish. */
import type { CdnObject } from './fake-cdn-answer.ts'
import { createServedRanges } from './fake-cdn-counts.ts'
import { type CdnFault, createFaultList } from './fake-cdn-faults.ts'
import { type CdnServerOptions, startCdnServer } from './fake-cdn-server.ts'
import { type FakeBytes, type FakeContent, generatedContent, givenContent } from './fake-content.ts'

export interface FakeCdnOptions extends Omit<CdnServerOptions, 'uses'> {
  /** Of the file; those that `content` has, where there is one. */
  readonly bytes: number
  readonly content?: FakeBytes | ((start: number, end: number) => Buffer)
  readonly faults?: readonly CdnFault[]
  /** A signed address is good for so many requests. */
  readonly usesPerLink?: number
}

export interface FakeCdn {
  /** A newly signed address. */
  sign(): string
  readonly bytesServed: number
  /** Bytes that had been served before. */
  readonly duplicateBytes: number
  readonly requests: number
  readonly links: number
  /** Requests that carried a credential which is none of ours to see; they are refused. */
  readonly leaks: number
  /** Connections open at once, at most. */
  readonly maxSockets: number
  /** Connections in all. */
  readonly connections: number
  /** Answers once so many bytes were served in all. */
  untilServed(bytes: number): Promise<void>
  /** One more fault, after those that are there. */
  addFault(fault: CdnFault): void
  close(): Promise<void>
}

export async function fakeCdn({ bytes, content, faults, usesPerLink, ...options }: FakeCdnOptions): Promise<FakeCdn> {
  const server = await startCdnServer({ ...options, ...(usesPerLink !== undefined && { uses: usesPerLink }) })
  const object: CdnObject = {
    content: contentOf(bytes, content),
    etag: 'one',
    faults: createFaultList(faults),
    served: createServedRanges(),
  }
  const { counts } = server
  return {
    sign: () => server.sign(object, '/object'),
    get bytesServed() {
      return counts.bytesServed
    },
    get duplicateBytes() {
      return counts.duplicateBytes
    },
    get requests() {
      return counts.requests
    },
    get links() {
      return counts.links
    },
    get leaks() {
      return counts.leaks
    },
    get maxSockets() {
      return counts.maxSockets
    },
    get connections() {
      return counts.connections
    },
    untilServed: counts.untilServed,
    addFault: object.faults.add,
    close: server.close,
  }
}

function contentOf(bytes: number, content: FakeCdnOptions['content']): FakeContent {
  if (content === undefined) return generatedContent(bytes)
  if (typeof content !== 'function') return givenContent(content)
  return { bytes, read: content, sha256: async () => '' }
}
