import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A key of signify's, for tests: its public file, and what it signs. */
export interface TestSigner {
  readonly publicKey: string;
  sign(bytes: Uint8Array): string;
}

/** Makes a new one; no two have the same number. */
export function testSigner(): TestSigner {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const number = randomBytes(8);
  const file = (payload: Uint8Array): string =>
    `untrusted comment: test\n${Buffer.concat([Buffer.from('Ed'), number, payload]).toString('base64')}\n`;
  const { x } = publicKey.export({ format: 'jwk' });
  return {
    publicKey: file(Buffer.from(x ?? '', 'base64url')),
    sign: (bytes) => file(sign(null, bytes, privateKey)),
  };
}
