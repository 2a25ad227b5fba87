/** A model whose size nobody knows is given the time of one of 32 GiB. */
const unknownBytes = 32 * 2 ** 30

/** How long a load may take that reports no progress: 60 s and 20 s for each GiB of the model. In milliseconds. */
export const loadLimitMs = (sizeBytes = unknownBytes): number => 60_000 + Math.ceil((sizeBytes / 2 ** 30) * 20_000)
