/** What the Hub says of exactly these files of a commit: sizes and hashes of a whole set in one answer. */
import { hubPath, hubRepo, ModelyardError } from '../contract/index.ts'
import { filesIn, type ListedFile } from './hub-answers.ts'
import type { HubHttp } from './hub-http.ts'
import type { RemoteFile } from './remote-file.ts'

export interface WantedFiles {
  readonly repo: string
  readonly commit: string
  readonly paths: readonly string[]
}

const atOnce = 100
const mostFiles = 1000
const shardName = /-\d{5}-of-\d{5}\.gguf$/i

export async function listFiles(http: HubHttp, { repo, commit, paths }: WantedFiles, signal: AbortSignal): Promise<ListedFile[]> {
  const found = new Map<string, ListedFile>()
  for (let from = 0; from < paths.length; from += atOnce) {
    const body = { paths: paths.slice(from, from + atOnce), expand: false }
    const answer = await http.post(`/api/models/${repo}/paths-info/${commit}`, body, signal, { repo })
    for (const file of filesIn(answer.body)) found.set(file.path, file)
  }
  const missing = paths.filter((path) => !found.has(path))
  if (missing.length > 0) throw lacks(repo, missing)
  return paths.flatMap((path) => found.get(path) ?? [])
}

export const checkFile = ({ repo, commit, path }: RemoteFile): void => checkPaths(repo, commit, [path])

/** Names come from a plan that somebody may have kept for long: nothing is asked for what is none. */
export function checkPaths(repo: string, commit: string, paths: readonly string[]): void {
  if (!hubRepo.safeParse(repo).success) throw new ModelyardError('invalid_request', 'A repository is publisher/name.')
  if (!/^[0-9a-f]{40}$/.test(commit)) throw new ModelyardError('invalid_request', 'A commit is 40 of 0-9, a-f.')
  if (paths.length > mostFiles) throw new ModelyardError('invalid_request', `Expected at most ${mostFiles} files at once.`)
  if (paths.every((path) => hubPath.safeParse(path).success)) return
  throw new ModelyardError('unsafe_name', 'A file of the repository has a name that cannot be stored safely.')
}

function lacks(repo: string, missing: readonly string[]): ModelyardError {
  const [first = ''] = missing
  const more = missing.length > 1 ? ` and ${missing.length - 1} more` : ''
  const code = missing.some((path) => shardName.test(path)) ? 'shard_missing' : 'repo_not_found'
  return new ModelyardError(code, `The repository ${repo} has no file ${first}${more}.`, { details: { missing: missing.slice(0, 20) } })
}
