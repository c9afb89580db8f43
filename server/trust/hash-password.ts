import { argon2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { PasswordHash } from '#agent/protocol/password-hash.ts';

/** RFC 9106, section 4, the second recommended choice; a quarter of a second on a small machine. */
const PARAMETERS = { memoryKib: 64 * 1024, passes: 3, parallelism: 1 } as const;

/** What a password can be checked against afterwards, by whoever has it: the password is not in it. */
export async function hashPassword(password: string): Promise<PasswordHash> {
  const nonce = randomBytes(16);
  const hash = await promisify(argon2)('argon2id', {
    message: password.normalize('NFC'),
    nonce,
    memory: PARAMETERS.memoryKib,
    passes: PARAMETERS.passes,
    parallelism: PARAMETERS.parallelism,
    tagLength: 32,
  });
  return PasswordHash.parse({
    algorithm: 'argon2id',
    ...PARAMETERS,
    salt: nonce.toString('base64'),
    hash: hash.toString('base64'),
  });
}
