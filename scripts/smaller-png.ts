/** A picture of a screen with no more than 256 colours: a third of its bytes, and nobody sees it. PNG: https://www.w3.org/TR/png-3/ */
import { crc32, deflateSync, inflateSync } from 'node:zlib'

const signatureBytes = 8
const mostColours = 256
/** Areas of one colour are among them. */
const surelyKept = 64

/** Takes what Chromium writes: 8 bits each of red, green and blue, not interlaced. */
export function smallerPng(png: Buffer): Buffer {
  const chunks = chunksOf(png)
  const header = chunks[0]?.data ?? Buffer.alloc(0)
  const width = header.readUInt32BE(0)
  const height = header.readUInt32BE(4)
  if (header.subarray(8).toString('hex') !== '0802000000') throw new TypeError('not the kind of PNG that is expected')
  const pixels = unfiltered(
    inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data))),
    width * 3,
    height,
  )
  const { palette, indexOf } = paletteOf(pixels)
  const rows = Buffer.alloc((width + 1) * height)
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) rows[y * (width + 1) + 1 + x] = indexOf(pixels.readUIntBE((y * width + x) * 3, 3))
  const size = Buffer.concat([header.subarray(0, 8), Buffer.from([8, 3, 0, 0, 0])])
  const made = [chunk('IHDR', size), chunk('PLTE', palette), chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })), chunk('IEND')]
  return Buffer.concat([png.subarray(0, signatureBytes), ...made])
}

function chunksOf(png: Buffer): { readonly type: string; readonly data: Buffer }[] {
  const chunks = []
  for (let at = signatureBytes; at < png.length; ) {
    const length = png.readUInt32BE(at)
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) })
    at += length + 12
  }
  return chunks
}

function chunk(type: string, data: Buffer = Buffer.alloc(0)): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  check.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, check])
}

/** Each byte was written as the difference to what its row's filter foretells. */
function unfiltered(rows: Buffer, stride: number, height: number): Buffer {
  const pixels = Buffer.alloc(stride * height)
  for (let y = 0; y < height; y += 1) {
    const filter = rows[y * (stride + 1)]
    for (let x = 0; x < stride; x += 1) {
      const at = y * stride + x
      const left = x < 3 ? 0 : (pixels[at - 3] ?? 0)
      const above = y === 0 ? 0 : (pixels[at - stride] ?? 0)
      const corner = x < 3 || y === 0 ? 0 : (pixels[at - stride - 3] ?? 0)
      const foretold = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter ?? 0] ?? 0
      pixels[at] = (rows[at + y + 1] ?? 0) + foretold
    }
  }
  return pixels
}

function paeth(left: number, above: number, corner: number): number {
  const guess = left + above - corner
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - above), Math.abs(guess - corner)]
  if (a <= b && a <= c) return left
  return b <= c ? above : corner
}

/** The colours that are there most, then one of every kind of colour; any other becomes the nearest of them. */
function paletteOf(pixels: Buffer): { readonly palette: Buffer; indexOf(colour: number): number } {
  const counts = new Map<number, number>()
  for (let at = 0; at < pixels.length; at += 3) counts.set(pixels.readUIntBE(at, 3), (counts.get(pixels.readUIntBE(at, 3)) ?? 0) + 1)
  const colours = [...counts].sort(([, a], [, b]) => b - a).map(([colour]) => colour)
  const kinds = new Map(colours.toReversed().map((colour) => [colour & 0xf0f0f0, colour]))
  const wanted = new Set(kinds.values())
  const kept = [...new Set([...colours.slice(0, surelyKept), ...colours.filter((colour) => wanted.has(colour)), ...colours])].slice(
    0,
    mostColours,
  )
  const indices = new Map(colours.map((colour) => [colour, nearest(kept, colour)]))
  const palette = Buffer.alloc(kept.length * 3)
  for (const [at, colour] of kept.entries()) palette.writeUIntBE(colour, at * 3, 3)
  return { palette, indexOf: (colour) => indices.get(colour) ?? 0 }
}

function nearest(kept: readonly number[], colour: number): number {
  const away = (other: number): number =>
    [0, 8, 16].reduce((sum, bits) => sum + (((colour >> bits) & 255) - ((other >> bits) & 255)) ** 2, 0)
  let best = 0
  for (const [at, other] of kept.entries()) if (away(other) < away(kept[best] ?? 0)) best = at
  return best
}
