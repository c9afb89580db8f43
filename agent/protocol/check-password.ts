import { argon2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { PasswordHash } from './password-hash.ts';

/** Whether this is the password that was hashed. It is typed at keyboards of any layout: only its letters count. */
export async function checkPassword(password: string, known: PasswordHash): Promise<boolean> {
  const right = Buffer.from(known.hash, 'base64');
  const hash = await promisify(argon2)('argon2id', {
    message: password.normalize('NFC'),
    nonce: Buffer.from(known.salt, 'base64'),
    memory: known.memoryKib,
    passes: known.passes,
    parallelism: known.parallelism,
    tagLength: right.length,
  });
  return timingSafeEqual(hash, right);
}
