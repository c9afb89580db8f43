import { type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { DeploymentId, RunId, SequenceId } from './identity.ts';
import { mediaKey } from './media-proof.ts';
import { RunEvent } from './run-event.ts';

/** Stands where a deployment does: such a run was granted by media. */
export const NO_DEPLOYMENT = DeploymentId.parse('MEDIA');

/** What media say of a run that was begun from them without a server. */
export const MediaRunClaim = z.strictObject({
  runId: RunId,
  mediaId: z.uuid(),
  sequenceId: SequenceId,
  sequenceVersion: z.int().positive(),
  sequenceName: z.string().max(500),
  documentSha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type MediaRunClaim = z.infer<typeof MediaRunClaim>;

/** POST /v1/media-runs: a run that has ended, of which this site has heard nothing. Answered with `MediaRunTaken`. */
export const MediaRun = z.strictObject({
  /** By `formatMediaRunClaim`. */
  claim: z.string().max(2000),
  /** The document that it ran. */
  documentJson: z.string(),
  /** All of them, from the first to the last. */
  events: z.array(RunEvent).min(1),
});
export type MediaRun = z.infer<typeof MediaRun>;

/** Whether it was news. */
export const MediaRunTaken = z.object({ taken: z.boolean() });
export type MediaRunTaken = z.infer<typeof MediaRunTaken>;

/** The claim as it is kept and sent: JSON and its signature by the key of the media (Ed25519), base64url. */
export function formatMediaRunClaim(claim: MediaRunClaim, key: KeyObject): string {
  const body = Buffer.from(JSON.stringify(claim)).toString('base64url');
  return `${body}.${sign(null, signedText(body), key).toString('base64url')}`;
}

/** What a claim says, whoever made it: `isMediaRunClaim` tells who. Undefined where it is none. */
export function readMediaRunClaim(text: string): MediaRunClaim | undefined {
  const [body = ''] = text.split('.');
  try {
    const json: unknown = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
    return MediaRunClaim.safeParse(json).data;
  } catch {
    return undefined;
  }
}

/** Whether the media made it. @param publicKey of the media, SubjectPublicKeyInfo in base64 */
export function isMediaRunClaim(text: string, publicKey: string): boolean {
  const [body = '', signature = ''] = text.split('.');
  const made = Buffer.from(signature, 'base64url');
  return verify(null, signedText(body), mediaKey(publicKey), made);
}

function signedText(body: string): Buffer {
  return Buffer.from(`metalwright media run 1\n${body}`);
}
