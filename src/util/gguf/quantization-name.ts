/** Which quantization a file is, as people name files. */
const quantizations =
  /(?:^|[-_.])((?:UD-)?(?:I?Q[1-9](?:_(?:\d|K|NL|XXS|XS|S|M|L|XL|XXL|P))*|TQ\d_\d|BF16|FP?16|FP?32|MXFP4(?:_MOE)?|NVFP4))(?=$|[-_.])/gi

/** The last one that the name of the file tells, else the last of its folder: `BF16/model-00001-of-00002`. */
export function quantizationInName(stem: string): string | undefined {
  for (const segment of stem.split('/').reverse()) {
    const found = [...segment.matchAll(quantizations)].at(-1)?.[1]
    if (found) return found.toUpperCase().replace(/^FP/, 'F')
  }
  return undefined
}

/** What is left of a name without its quantization, its shard and its folder: files of one model have the same. */
export function modelInName(path: string): string {
  const base = path
    .slice(path.lastIndexOf('/') + 1)
    .replace(/\.gguf$/i, '')
    .replace(/-\d{5}-of-\d{5}$/, '')
  return base.replace(quantizations, '').toLowerCase()
}
