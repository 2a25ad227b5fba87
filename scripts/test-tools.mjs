/**
 * What tests need that npm does not have: a browser, the WebKit that packaged windows on Linux have, and the maker of a
 * volume that can clone files. Debian's, where we may install.
 */
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

/** The driver, the browser that comes with the library, and a display for it; undefined where one of them is missing. */
export function findWebKit() {
  const library = { x64: 'x86_64', arm64: 'aarch64' }[process.arch]
  const driver = '/usr/bin/WebKitWebDriver'
  const xvfb = '/usr/bin/Xvfb'
  const browser = ['4.1', '4.0', '6.0']
    .flatMap((level) =>
      [`/usr/lib/${library}-linux-gnu`, '/usr/libexec', '/usr/lib'].map((folder) => `${folder}/webkit2gtk-${level}/MiniBrowser`),
    )
    .find(existsSync)
  return process.platform === 'linux' && browser && [driver, xvfb].every(existsSync) ? { driver, browser, xvfb } : undefined
}

/** Without a browser nothing is tested; without Btrfs or WebKitGTK a few tests say that they are left out. */
export function ensureTools() {
  const missing = [
    ...(findChromium() ? [] : ['chromium']),
    ...(process.platform !== 'linux' || findWebKit() ? [] : ['webkit2gtk-driver', 'xvfb']),
    ...(cloningVolumes() ? [] : ['btrfs-progs']),
  ]
  const mayInstall = process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  if (missing.length > 0 && mayInstall) install(missing)
  if (findChromium()) return
  process.stderr.write('test: no Chromium was found. Install it (Debian: "apt-get install chromium") or name one in CHROMIUM_PATH.\n')
  process.exit(1)
}

const cloningVolumes = () => process.platform !== 'linux' || ['/sbin/mkfs.btrfs', '/usr/sbin/mkfs.btrfs'].some(existsSync)

/** Each by itself: where one is not to be had, the others are. */
function install(packages) {
  process.stderr.write(`test: installing ${packages.join(', ')}; once, up to a minute\n`)
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const options = { stdio: ['ignore', 'ignore', 'inherit'], env: environment }
  const add = (names) => spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], options).status === 0
  spawnSync('apt-get', ['update', '-qq'], options)
  if (!add(packages)) for (const one of packages) add([one])
}
