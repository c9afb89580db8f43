import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';

/** In a registration: the media that the machine was started from, and that it has their key. */
export const MediaClaim = z.object({
  id: z.uuid(),
  /** Ed25519 by the key of the media, base64, over `mediaClaimText`. */
  signature: z.base64().max(200),
});
export type MediaClaim = z.infer<typeof MediaClaim>;

/** Made by an agent. @param agentKey thumbprint of the key that proves the registration: the claim is good for no other */
export function formatMediaClaim(key: KeyObject, id: string, agentKey: string): MediaClaim {
  return { id, signature: sign(null, claimText(id, agentKey), key).toString('base64') };
}

/** @param publicKey of the media, SubjectPublicKeyInfo in base64 */
export function isMediaProof(publicKey: string, claim: MediaClaim, agentKey: string): boolean {
  const made = Buffer.from(claim.signature, 'base64');
  return verify(null, claimText(claim.id, agentKey), mediaKey(publicKey), made);
}

/** The public key of media, from SubjectPublicKeyInfo in base64. */
export function mediaKey(publicKey: string): KeyObject {
  return createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
}

function claimText(id: string, agentKey: string): Buffer {
  return Buffer.from(`metalwright media 1\n${id}\n${agentKey}`);
}
