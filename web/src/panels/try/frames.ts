/** What comes in many small pieces, handed on once for each frame that is drawn. */

export interface Frames {
  /** Runs it with the next frame, in the order they came. */
  add(text: string): void
  /** Now. */
  flush(): void
}

/** A page in the background draws no frames; what came meanwhile is one piece then. */
export function byFrame(draw: (text: string) => void, next: (run: () => void) => void = requestAnimationFrame): Frames {
  let pieces: string[] = []
  const flush = (): void => {
    const text = pieces.join('')
    pieces = []
    if (text !== '') draw(text)
  }
  return {
    add(text) {
      pieces.push(text)
      if (pieces.length === 1) next(flush)
    },
    flush,
  }
}
