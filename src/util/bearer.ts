/** The token of `Authorization: Bearer …`. No comma in it: Node joins two headers of one name with one. */
export const bearerIn = (header: string): string | undefined => /^Bearer ([\x21-\x2b\x2d-\x7e]{1,512})$/i.exec(header)?.[1]
