export declare const findChromium: () => string | undefined
export declare function ensureChromium(): void
