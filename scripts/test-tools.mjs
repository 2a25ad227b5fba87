/** What tests need that npm does not have: a browser, and the maker of a volume that can clone files. Debian's, where we may install. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const places = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

export const findChromium = () => places.find((path) => path && existsSync(path))

/** Without a browser nothing is tested; without Btrfs a few tests say that they are left out. */
export function ensureTools() {
  const missing = [...(findChromium() ? [] : ['chromium']), ...(cloningVolumes() ? [] : ['btrfs-progs'])]
  const mayInstall = process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  if (missing.length > 0 && mayInstall) install(missing)
  if (findChromium()) return
  process.stderr.write('test: no Chromium was found. Install it (Debian: "apt-get install chromium") or name one in CHROMIUM_PATH.\n')
  process.exit(1)
}

const cloningVolumes = () => process.platform !== 'linux' || ['/sbin/mkfs.btrfs', '/usr/sbin/mkfs.btrfs'].some(existsSync)

function install(packages) {
  process.stderr.write(`test: installing ${packages.join(', ')}\n`)
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const options = { stdio: ['ignore', 'ignore', 'inherit'], env: environment }
  spawnSync('apt-get', ['update', '-qq'], options)
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], options)
}
