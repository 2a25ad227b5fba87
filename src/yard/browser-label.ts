/** What a browser calls itself, in one word of ours: nothing of the header's own text is kept. */

/** In this order: most browsers also claim to be the ones below them. */
const words = [
  [/\bEdgA?\//, 'edge'],
  [/\bOPR\//, 'opera'],
  [/\bElectron\//, 'electron'],
  [/\b(?:Firefox|FxiOS)\//, 'firefox'],
  [/(?:Chrome|CriOS|Chromium)\//, 'chrome'],
  [/\bSafari\//, 'safari'],
  [/\bAppleWebKit\//, 'webkit'],
] as const

export const browserLabel = (userAgent = ''): string => words.find(([sign]) => sign.test(userAgent.slice(0, 512)))?.[1] ?? 'other'
