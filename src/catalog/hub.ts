/**
 * The Hugging Face Hub as the rest sees it. Every answer is attacker data: read with limits, by shape, names by the
 * grammar of the contract. The token goes to the Hub's own origin and nowhere else.
 *
 * Errors: `hub_unreachable` (network), `hub_protocol` (HTML, wrong shape, a redirect that is not followed),
 * `repo_not_found`, `gated` (with the page to open), `rate_limited` (with `retryAfterMs` in the details), `timeout`.
 */
import { type HubFile, type HubRepository, type HubResult, hubRepo, hubRevision, ModelyardError } from '../contract/index.ts'
import { groupFiles } from './group-files.ts'
import { filesIn, modelInfo, resultOf, searchPage } from './hub-answers.ts'
import { createHubHttp, type HubHttpOptions } from './hub-http.ts'
import { takePages } from './hub-pages.ts'

export interface Hub {
  readonly endpoint: string
  search(query: { readonly words: string; readonly limit?: number | undefined }, signal: AbortSignal): Promise<HubResult[]>
  /** As of one commit; sizes and hashes as the Hub tells them; grouped by quantization. Without `fit`. */
  repository(repo: string, revision: string | undefined, signal: AbortSignal): Promise<HubRepository>
  close(): Promise<void>
}

const defaultLimit = 20
/** Pages asked at most: results that are no models are left out, files come a thousand at a time. */
const searchPages = 5
const filePages = 20

const searchFields = ['gguf', 'gated', 'downloads', 'likes', 'lastModified', 'tags', 'pipeline_tag']
const infoFields = [...searchFields, 'sha', 'cardData']

export function createHub(options: HubHttpOptions): Hub {
  const http = createHubHttp(options)
  return {
    endpoint: options.endpoint,
    async search({ words, limit = defaultLimit }, signal) {
      const query = new URLSearchParams({ search: words, filter: 'gguf', sort: 'downloads', direction: '-1', limit: String(limit) })
      for (const field of searchFields) query.append('expand[]', field)
      const found = takePages({ http, path: `/api/models?${query}`, maxPages: searchPages, signal, read: searchPage })
      const results: HubResult[] = []
      for await (const one of found) {
        const result = resultOf(one)
        if (result && !results.some(({ repo }) => repo === result.repo)) results.push(result)
        if (results.length >= limit) break
      }
      return results
    },
    async repository(repo, revision, signal) {
      check(repo, revision)
      const query = new URLSearchParams(infoFields.map((field): [string, string] => ['expand[]', field]))
      const at = revision === undefined ? '' : `/revision/${encodeURIComponent(revision)}`
      const answer = await http.get(`/api/models/${repo}${at}?${query}`, signal, { repo })
      const { commit, ...info } = modelInfo(answer.body, repo)
      const path = `/api/models/${repo}/tree/${commit}?recursive=true&expand=false`
      const files: HubFile[] = []
      for await (const file of takePages({ http, path, maxPages: filePages, signal, repo, read: filesIn })) files.push(file)
      return { ...info, commit, url: `${options.endpoint}/${info.repo}`, ...groupFiles(files) }
    },
    close: http.close,
  }
}

function check(repo: string, revision: string | undefined): void {
  const checked = hubRepo.safeParse(repo)
  if (!checked.success) throw new ModelyardError('invalid_request', `Not a repository: ${checked.error.issues[0]?.message}.`)
  if (revision === undefined || hubRevision.safeParse(revision).success) return
  throw new ModelyardError('invalid_request', 'A revision is a branch, a tag or a commit.')
}
