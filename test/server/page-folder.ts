/** A folder as a build of the page leaves it, with things beside it and in it that must never be served. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const secret = 'canary-beside-the-page'
export const indexText = '<!doctype html><script type="module" src="/assets/index-a1b2c3.js"></script>'

export interface PageFolder extends AsyncDisposable {
  readonly folder: string
  /** What stands for `npm run build`. */
  build(): Promise<void>
}

export async function pageFolder(): Promise<PageFolder> {
  const root = await mkdtemp(join(tmpdir(), 'modelyard-page-'))
  const folder = join(root, 'web')
  return {
    folder,
    async build() {
      await mkdir(join(folder, 'assets', 'deep'), { recursive: true })
      await mkdir(join(root, 'outside'))
      const files = {
        'web/index.html': indexText,
        'web/favicon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
        'web/assets/index-a1b2c3.js': 'export {}',
        'web/assets/index-a1b2c3.css': 'body{}',
        'web/assets/deep/x.js': secret,
        'web/.hidden.js': secret,
        'web/program.exe': secret,
        'web/assets/index.js.map': secret,
        'outside/secret.js': secret,
        'secret.js': secret,
      }
      for (const [path, text] of Object.entries(files)) await writeFile(join(root, path), text)
      await symlink(join(root, 'secret.js'), join(folder, 'link.js'))
      await symlink(join(root, 'secret.js'), join(folder, 'assets', 'link.js'))
      await symlink(join(root, 'outside'), join(folder, 'outside'))
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  }
}
