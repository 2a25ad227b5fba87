/** How this very program is started once more: from sources as from its bundle. */
export const ownCommand = (...words: readonly string[]): string[] => [...process.execArgv, process.argv[1] ?? '', ...words]
