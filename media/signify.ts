import { createPublicKey, verify } from 'node:crypto';
import { MediaError } from './media-error.ts';

/** Bytes before the key or the signature: `Ed`, then eight that tell keys apart. */
const HEAD = 10;
/** An Ed25519 public key as SubjectPublicKeyInfo, up to its 32 bytes (RFC 8410). */
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * Checks a detached signature in the format of OpenBSD's signify(1), which the loader of Linux PE checks by that
 * program. @throws {MediaError} `media.signature`, `media.other-site`
 */
export function verifySignify(
  { publicKey, signature }: { readonly publicKey: string; readonly signature: string },
  bytes: Uint8Array,
  name: string,
): void {
  const key = payload(publicKey, 32, name);
  const signed = payload(signature, 64, name);
  if (!key.subarray(2, HEAD).equals(signed.subarray(2, HEAD)))
    throw new MediaError('media.other-site', `${name} was signed by another site`, {
      hint: 'Start the machine from media that its own site made.',
    });
  const spki = Buffer.concat([SPKI_HEAD, key.subarray(HEAD)]);
  const opened = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  if (!verify(null, bytes, opened, signed.subarray(HEAD)))
    throw new MediaError('media.signature', `the signature of ${name} is wrong`, {
      hint: 'It is damaged, or somebody changed it. Make the media again.',
    });
}

/** What the second line of a file of signify holds. */
function payload(text: string, length: number, name: string): Buffer {
  const bytes = Buffer.from(text.split('\n')[1] ?? '', 'base64');
  if (bytes.length !== HEAD + length || bytes.subarray(0, 2).toString('latin1') !== 'Ed')
    throw new MediaError('media.signature', `the signature of ${name}, or its key, cannot be read`);
  return bytes;
}
