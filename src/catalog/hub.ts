/**
 * The Hugging Face Hub as the rest sees it. Every answer is attacker data: read with limits, by shape, names by the
 * grammar of the contract. The token goes to the Hub's own origin and nowhere else.
 *
 * Errors: `hub_unreachable` (network, offline), `hub_protocol` (HTML, wrong shape), `hub_redirect` (an address that is
 * not followed), `repo_not_found`, `shard_missing`, `gated` (with the page to open), `rate_limited` (with `retryAfterMs`
 * in the details), `timeout`.
 */
import { type HubFile, type HubRepository, type HubResult, hubRepo, hubRevision, ModelyardError } from '../contract/index.ts'
import { noProxies } from '../platform/proxies.ts'
import { groupFiles } from './group-files.ts'
import { filesIn, type ListedFile, modelInfo, resultOf, searchPage } from './hub-answers.ts'
import { createHubHttp, type HubHttpOptions } from './hub-http.ts'
import { takePages } from './hub-pages.ts'
import { checkFile, checkPaths, listFiles } from './list-files.ts'
import { readRemoteHeader } from './read-remote-header.ts'
import type { RemoteFiles } from './remote-file.ts'
import { resolveFile } from './resolve-file.ts'

export interface Hub extends RemoteFiles {
  readonly endpoint: string
  search(query: { readonly words: string; readonly limit?: number | undefined }, signal: AbortSignal): Promise<HubResult[]>
  /** As of one commit; sizes and hashes as the Hub tells them; grouped by quantization. Without `fit`. */
  repository(repo: string, revision: string | undefined, signal: AbortSignal): Promise<HubRepository>
  /** Exactly these files, in this order. What is missing is `shard_missing` or `repo_not_found`, by its name. */
  files(repo: string, commit: string, paths: readonly string[], signal: AbortSignal): Promise<ListedFile[]>
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
  const { endpoint, proxies = noProxies, addressesOf } = options
  const rules = { endpoint, proxies, addressesOf }
  return {
    endpoint,
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
      const pages = takePages({ http, path, maxPages: filePages, signal, repo, read: filesIn })
      for await (const { xetHash: _, ...file } of pages) files.push(file)
      return { ...info, commit, url: `${endpoint}/${info.repo}`, ...groupFiles(files) }
    },
    async files(repo, commit, paths, signal) {
      checkPaths(repo, commit, paths)
      return listFiles(http, { repo, commit, paths }, signal)
    },
    async resolve(file, signal) {
      checkFile(file)
      return resolveFile(http, rules, file, signal)
    },
    async header(file, signal, { brief = false } = {}) {
      checkFile(file)
      return readRemoteHeader(http, { file, place: await resolveFile(http, rules, file, signal), brief }, signal)
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
