import { z } from 'zod';

/** Least of a password that opens a command prompt on machines: it is tried at a keyboard. */
export const LEAST_PASSWORD_CHARACTERS = 8;

/** What a password is checked against without knowing it: Argon2id (RFC 9106), version 1.3. */
export const PasswordHash = z.strictObject({
  algorithm: z.literal('argon2id'),
  /** Bounded, because the machine that checks it has little memory. */
  memoryKib: z
    .int()
    .min(8 * 1024)
    .max(256 * 1024),
  passes: z.int().min(1).max(16),
  parallelism: z.int().min(1).max(4),
  /** 16 bytes, base64. */
  salt: z.base64().length(24),
  /** 32 bytes, base64. */
  hash: z.base64().length(44),
});
export type PasswordHash = z.infer<typeof PasswordHash>;
