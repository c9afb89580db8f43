import { randomUUID } from 'node:crypto';
import { DeviceId } from '#agent/protocol/identity.ts';
import { isMediaProof, type MediaClaim } from '#agent/protocol/media-proof.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import { Registered, Registration } from '#agent/protocol/policy.ts';
import { hash, newToken } from '../../../trust/token.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { HttpApp } from '../../server.ts';
import type { AgentServices } from './services.ts';

/** A token outlives the longest run in PE (Windows PE restarts itself after 72 hours). */
const TOKEN_MS = 80 * 60 * 60 * 1000;

/**
 * POST /v1/register: a machine says who it is, proved by its new key, and gets a token bound to that
 * key. With the right resume token it takes its open run over.
 */
export function register(app: HttpApp, services: AgentServices): void {
  const { store, secret, changes, bootPlace, tokenKey, nowMs } = services;
  app.post(
    agentPaths.register,
    { ...role('agent-key'), schema: { body: Registration, response: { 200: Registered } } },
    async (request) => {
      const { identity, environment, bootImage = null, resume, inventory = null } = request.body;
      const { preferredDeployment: preferred = null, media: claim } = request.body;
      const media = claim === undefined ? null : await provenMedia(claim, request.agentKey ?? '');
      const now = nowMs();
      const token = newToken();
      const proven =
        resume !== undefined && secret.isResumeToken(resume.runId, resume.resumeToken)
          ? resume.runId
          : null;
      const { device, conflicts, knowsRun } = await store.agents.register({
        identity,
        environment,
        bootImage,
        preferred,
        media,
        hardware: inventory,
        seenAt: {
          interfaceName: null,
          relay: null,
          port: null,
          switchId: null,
          ...bootPlace(identity.macAddresses),
          address: plainAddress(request.socket.remoteAddress),
          atMs: now,
        },
        keyThumbprint: request.agentKey ?? '',
        tokenHash: hash(token),
        expiresMs: now + TOKEN_MS,
        newDeviceId: DeviceId.parse(randomUUID()),
        provenRun: proven,
        nowMs: now,
      });
      for (const conflict of conflicts)
        request.log.warn(
          { device: device?.id ?? null, other: conflict.device.id, why: conflict.why },
          'two records share an identifier',
        );
      changes.changed('boot', device === null ? [] : [device.id]);
      return {
        token,
        tokenKey: Buffer.from(tokenKey(token)).toString('base64url'),
        serverTimeMs: now,
        deviceId: device?.id ?? null,
        deviceName: device?.name ?? null,
        ...(proven === null ? {} : { resumeKnown: knowsRun }),
      };
    },
  );

  /** Whether they may start a run is asked when one is to begin: what is open goes on. @throws {HttpError} */
  async function provenMedia(claim: MediaClaim, agentKey: string): Promise<string> {
    const known = await store.media.find(claim.id);
    if (known === null || isMediaProof(known.publicKey, claim, agentKey)) return claim.id;
    throw new HttpError(
      403,
      'media.proof',
      `The machine has not the key of the media ${claim.id}`,
      {
        hint: 'Make the media again.',
      },
    );
  }
}

/** `::ffff:10.0.5.20`, as a socket for both families says it, as `10.0.5.20`. */
function plainAddress(address: string | undefined): string | null {
  return address?.replace(/^::ffff:(?=\d+\.)/i, '') ?? null;
}
