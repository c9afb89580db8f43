import { argon2, createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';
import { MediaError } from './media-error.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Least of a password of media: whoever finds them may try as often as they like. */
export const LEAST_MEDIA_PASSWORD_CHARACTERS = 8;

/**
 * A document in clear, or under a password: Argon2id (RFC 9106, version 1.3) makes a key of it, AES-256-GCM seals.
 * What it costs to make the key is the protection, not a delay after a wrong one.
 */
export const Envelope = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('plain'), text: z.string() }),
  z.object({
    kind: z.literal('password'),
    algorithm: z.literal('argon2id'),
    /** Bounded, because the machine that opens it has little memory. */
    memoryKib: z
      .int()
      .min(8 * 1024)
      .max(512 * 1024),
    passes: z.int().min(1).max(16),
    parallelism: z.int().min(1).max(4),
    /** 16 bytes, base64. */
    salt: z.base64().length(24),
    /** Nonce, ciphertext and tag, base64. */
    sealed: z.base64(),
  }),
]);
export type Envelope = z.infer<typeof Envelope>;
type Locked = Extract<Envelope, { kind: 'password' }>;

/** What making the key costs: half a second on a processor of today, and memory that a machine of 1 GB has. */
export const mediaPasswordCost = { memoryKib: 128 * 1024, passes: 4, parallelism: 1 } as const;

/** What came of a password: the key of the envelope stays inside. */
export interface MediaLock {
  /** Seals single values, which then open one by one. */
  readonly variableKey: Uint8Array;
  seal(text: string): Locked;
}

/** Makes a new key of a password. @param mediaId the envelope opens on these media alone */
export async function lockMedia(
  password: string,
  mediaId: string,
  cost: Pick<Locked, 'memoryKib' | 'passes' | 'parallelism'> = mediaPasswordCost,
): Promise<MediaLock> {
  const made = { ...cost, salt: randomBytes(16).toString('base64') };
  const key = await keyOf(password, made);
  return {
    variableKey: variableKeyOf(key),
    seal(text) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      cipher.setAAD(Buffer.from(`media:${mediaId}`));
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      const bytes = Buffer.concat([nonce, sealed, cipher.getAuthTag()]);
      return { kind: 'password', algorithm: 'argon2id', ...made, sealed: bytes.toString('base64') };
    },
  };
}

/** The text again, and the key of single values. @throws {MediaError} `media.password` */
export async function openEnvelope(
  envelope: Locked,
  password: string,
  mediaId: string,
): Promise<{ readonly text: string; readonly variableKey: Uint8Array }> {
  const key = await keyOf(password, envelope);
  const bytes = Buffer.from(envelope.sealed, 'base64');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(`media:${mediaId}`));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const plain = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    const text = Buffer.concat([plain, decipher.final()]).toString('utf8');
    return { text, variableKey: variableKeyOf(key) };
  } catch (error) {
    throw new MediaError('media.password', 'the password is not that of these media', {
      hint: 'Mind capitals, and the layout of the keyboard, which is that of the US here.',
      cause: error,
    });
  }
}

/** It is typed at keyboards of any layout: only its letters count. */
async function keyOf(
  password: string,
  { memoryKib, passes, parallelism, salt }: Omit<Locked, 'kind' | 'algorithm' | 'sealed'>,
): Promise<Buffer> {
  return promisify(argon2)('argon2id', {
    message: password.normalize('NFC'),
    nonce: Buffer.from(salt, 'base64'),
    memory: memoryKib,
    passes,
    parallelism,
    tagLength: 32,
  });
}

function variableKeyOf(key: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, '', 'metalwright media variables', 32));
}
