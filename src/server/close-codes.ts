/** Why a WebSocket was closed. */
export const closeCodes = { goingAway: 1001, badQuery: 4400, unauthorized: 4401 } as const
