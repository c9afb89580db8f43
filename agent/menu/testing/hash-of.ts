import { argon2Sync } from 'node:crypto';
import { PasswordHash } from '../../protocol/password-hash.ts';

/** The hash of a password, made cheaply. */
export function hashOf(password: string): PasswordHash {
  const nonce = Buffer.alloc(16, 7);
  const parameters = { memoryKib: 8 * 1024, passes: 1, parallelism: 1 };
  const hash = argon2Sync('argon2id', {
    message: password.normalize('NFC'),
    nonce,
    memory: parameters.memoryKib,
    passes: parameters.passes,
    parallelism: parameters.parallelism,
    tagLength: 32,
  });
  return PasswordHash.parse({
    algorithm: 'argon2id',
    ...parameters,
    salt: nonce.toString('base64'),
    hash: hash.toString('base64'),
  });
}
