/** How long a load may take that reports no progress: 60 s and 20 s for each GiB of the model. In milliseconds. */
export const loadLimitMs = (sizeBytes: number | undefined): number => 60_000 + Math.ceil(((sizeBytes ?? 0) / 2 ** 30) * 20_000)
