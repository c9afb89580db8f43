import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { DeploymentId, DeviceId, RunId, SequenceId } from '#agent/protocol/identity.ts';

/**
 * What the server says of a run in its grant, to know it again when its own record is gone: it was restored
 * from an older backup. No secret is in it; whoever has it has the run's journal.
 */
export const RecoveryClaim = z.strictObject({
  runId: RunId,
  deviceId: DeviceId,
  deviceName: z.string().nullable(),
  deploymentId: DeploymentId,
  sequenceId: SequenceId,
  sequenceVersion: z.int().positive(),
  sequenceName: z.string(),
  purpose: z.enum(['available', 'required']),
  documentSha256: z.string(),
  startedMs: z.int(),
});
export type RecoveryClaim = z.infer<typeof RecoveryClaim>;

/** The claim as it travels: JSON and its HMAC, base64url. @param key the site's `variableKey` */
export function formatClaim(claim: RecoveryClaim, key: Uint8Array): string {
  const body = Buffer.from(JSON.stringify(claim)).toString('base64url');
  return `${body}.${sign(body, key)}`;
}

/** The claim again; undefined where this site never made it. */
export function parseClaim(text: string, key: Uint8Array): RecoveryClaim | undefined {
  const [body = '', given = ''] = text.split('.');
  const right = Buffer.from(sign(body, key));
  const told = Buffer.from(given);
  if (right.length !== told.length || !timingSafeEqual(right, told)) return undefined;
  return RecoveryClaim.parse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')));
}

function sign(body: string, key: Uint8Array): string {
  const own = createHmac('sha256', key).update('recovery').digest();
  return createHmac('sha256', own).update(body).digest('base64url');
}
