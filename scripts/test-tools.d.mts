export declare const findChromium: () => string | undefined
export declare function findWebKit(): { driver: string; browser: string; xvfb: string } | undefined
export declare function ensureTools(): void
