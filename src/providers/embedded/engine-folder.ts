/** Where the optional package of the embedded engine is. It is never loaded here, only found. */
import { readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export const engineVersion = '3.22.1'
const packageName = 'node-llama-cpp'

export interface EnginePackage {
  /** URL of the module to load. */
  readonly entry: string
  readonly version: string
}

/** The configured folder, the home's, the one beside our own package, then the app's own packages. */
export async function findEngine({ home }: { home: string }): Promise<EnginePackage | undefined> {
  const named = process.env.MODELYARD_ENGINE_DIR
  const folder = `${packageName}-${engineVersion}`
  const folders = [...(named ? [named] : []), join(home, 'engines', folder), join(ownRoot(), '.engines', folder)]
  for (const one of folders) {
    const found = await packageIn(join(one, 'node_modules', packageName))
    if (found) return found
  }
  return resolvedByApp()
}

/** From source this file lies four folders deep, in the package its bundle lies in dist. */
const ownRoot = (): string => fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../../..' : '..', import.meta.url))

async function packageIn(folder: string): Promise<EnginePackage | undefined> {
  try {
    const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string }
    const entry = join(folder, 'dist', 'index.js')
    await stat(entry)
    return { version, entry: pathToFileURL(entry).href }
  } catch {
    return undefined
  }
}

async function resolvedByApp(): Promise<EnginePackage | undefined> {
  try {
    const entry = createRequire(import.meta.url).resolve(packageName)
    return await packageIn(dirname(dirname(entry)))
  } catch {
    return undefined
  }
}
