/** `npm run test:long`: every check of `npm test`; what is tried at random is tried five times as often. */
process.env.MODELYARD_LONG = '1'
await import('./test.mjs')
