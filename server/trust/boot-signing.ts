import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { join } from 'node:path';
import { readOrMake } from './key-file.ts';

/** Signs what a boot image's loader checks, in the formats of OpenBSD's signify(1). */
export interface BootSigner {
  /** The public key's file, pinned in boot images. */
  readonly publicKey: string;
  /** A detached signature's file over these bytes. */
  sign(bytes: Uint8Array): string;
}

/** Opens the site's boot signing key, making it at the first start. */
export async function openBootSigner(directory: string): Promise<BootSigner> {
  const pem = await readOrMake(join(directory, 'boot-signing.key'), () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    return privateKey.export({ type: 'pkcs8', format: 'pem' });
  });
  return bootSigner(createPrivateKey(pem));
}

/**
 * Signify's texts: a comment line, then base64 of `Ed`, eight bytes that tell keys apart, and the Ed25519
 * key (32 bytes) or signature over the message as it is (64 bytes).
 */
function bootSigner(key: KeyObject): BootSigner {
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  const publicBytes = Buffer.from(x ?? '', 'base64url');
  const keyNumber = createHash('sha256').update(publicBytes).digest().subarray(0, 8);
  const text = (comment: string, payload: Uint8Array) =>
    `untrusted comment: ${comment}\n${Buffer.concat([Buffer.from('Ed'), keyNumber, payload]).toString('base64')}\n`;
  return {
    publicKey: text('metalwright boot public key', publicBytes),
    sign: (bytes) => text('verify with boot.pub', sign(null, bytes, key)),
  };
}
