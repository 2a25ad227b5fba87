/** An engine's own words, fit to be shown: no control characters, no folders of this machine, of a bounded length. */

const maxChars = 500
const searchedChars = maxChars * 8
const terminalCodes = /\u001b\[[0-9;?]*[ -/]*[@-~]/g
/** Every folder of a path; the name of the file stays. Where people name folders, there may be blanks inside. */
const peopleFolders = /(^|[^\w.~/-])\/(?:Users|home|Volumes|media|mnt)\/(?:[^'"/:<>]*[^\s'"/:<>]\/)*/g
const folders = /(^|[^\w.~/-])\/(?:[^\s'"/:<>]+\/)+/g
const windowsFolders = /(^|[^A-Za-z])[A-Za-z]:[\\/](?:[^'"\\/:*?<>|]+[\\/])*/g
const shareFolders = /\\\\[^\s'"\\/:]+\\(?:[^'"\\/:*?<>|]+\\)*/g

export function engineWords(text: string): string {
  const clean = text
    .slice(0, searchedChars)
    .replace(terminalCodes, '')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\bfile:\/\/+/gi, '/')
    .replace(windowsFolders, '$1')
    .replace(shareFolders, '')
    .replace(peopleFolders, '$1')
    .replace(folders, '$1')
    .replace(/\s+/g, ' ')
    .trim()
  return clean.length > maxChars ? `${clean.slice(0, maxChars - 1).replace(/[\ud800-\udbff]$/, '')}…` : clean
}
