import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import type { RunId } from '#agent/protocol/identity.ts';
import { readOrMake } from './key-file.ts';

/** What the server can tell again without keeping it, from one secret in a file. */
export interface SiteSecret {
  /** Secret for nonces. */
  readonly nonceKey: Uint8Array;
  /** The token that proves a machine has the journal of this run. */
  resumeToken(run: RunId): string;
  /** Seals the secret variables in the events of a run: 32 bytes, base64. */
  runKey(run: RunId): string;
  /** Seals the secret variables of devices and collections in the store: 32 bytes. */
  readonly variableKey: Uint8Array;
  isResumeToken(run: RunId, token: string): boolean;
}

/** Opens the site's secret, making it at the first start. */
export async function openSiteSecret(directory: string): Promise<SiteSecret> {
  const hex = await readOrMake(join(directory, 'site-secret'), () =>
    randomBytes(32).toString('hex'),
  );
  const secret = Buffer.from(hex.trim(), 'hex');
  const derive = (purpose: string) => createHmac('sha256', secret).update(purpose).digest();
  const resumeToken = (run: RunId) => derive(`resume:${run}`).toString('base64url');
  return {
    nonceKey: derive('nonces'),
    resumeToken,
    runKey: (run: RunId) => derive(`secrets:${run}`).toString('base64'),
    variableKey: derive('variables'),
    isResumeToken(run, token) {
      const [right, given] = [Buffer.from(resumeToken(run)), Buffer.from(token)];
      return right.length === given.length && timingSafeEqual(right, given);
    },
  };
}
