/** What a job waits for that passes by itself, or that only a person can change. */
export const waitReasons = ['turn', 'network', 'sign-in', 'disk', 'rate-limit'] as const
export type WaitReason = (typeof waitReasons)[number]
