/**
 * Files that other programs fetched from the Hub already, in the cache that huggingface_hub and llama.cpp share:
 * `models--<publisher>--<repo>/blobs/<SHA-256>`. Since huggingface_hub 2.0 such a blob may be a link into `blobs/` of
 * the cache, which all repositories share. Sources: `constants.py` and `file_download.py` of huggingface_hub; llama.cpp
 * looks at `LLAMA_CACHE` before the variables of huggingface_hub.
 */
import { opendir, realpath, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, sep } from 'node:path'
import { abortReason } from '../contract/index.ts'
import { absolutePath } from '../platform/paths.ts'

type Environment = Readonly<Record<string, string | undefined>>

const maxRepositories = 20_000

/**
 * The real path of a blob of that name, inside the cache. Its name is a promise that was kept when it was written, no
 * proof: whoever takes it hashes it. Where links cannot be made (Windows without the right) blobs have no such name.
 */
export async function findInHubCache(sha256: string, env: Environment, signal: AbortSignal): Promise<string | undefined> {
  if (!/^[0-9a-f]{64}$/.test(sha256)) return undefined
  for (const root of await cacheRoots(env)) {
    for await (const folder of repositories(root)) {
      if (signal.aborted) throw abortReason(signal)
      const found = await plainBlob(root, join(root, folder, 'blobs', sha256))
      if (found !== undefined) return found
    }
  }
  return undefined
}

/** Real paths of those that are there. One of the variables decides for huggingface_hub, another for llama.cpp. */
export async function cacheRoots(env: Environment): Promise<readonly string[]> {
  const home = env.HOME || homedir()
  const hub =
    env.HF_HUB_CACHE ||
    env.HUGGINGFACE_HUB_CACHE ||
    (env.HF_HOME && join(env.HF_HOME, 'hub')) ||
    join(env.XDG_CACHE_HOME || join(home, '.cache'), 'huggingface/hub')
  const named = [hub, env.LLAMA_CACHE].filter((one) => one !== undefined && one !== '').map((one) => absolutePath(one ?? '', home))
  const real = await Promise.all(named.map((one) => realpath(one).catch(() => undefined)))
  return [...new Set(real.filter((one) => one !== undefined))]
}

async function* repositories(root: string): AsyncGenerator<string> {
  const folder = await opendir(root).catch(() => undefined)
  let seen = 0
  if (!folder) return
  for await (const { name } of folder) {
    if (!name.startsWith('models--')) continue
    seen += 1
    if (seen > maxRepositories) return
    yield name
  }
}

/** A link is followed, but not out of the cache. */
async function plainBlob(root: string, path: string): Promise<string | undefined> {
  const real = await realpath(path).catch(() => undefined)
  if (!real?.startsWith(root + sep)) return undefined
  return (await stat(real).catch(() => undefined))?.isFile() ? real : undefined
}
