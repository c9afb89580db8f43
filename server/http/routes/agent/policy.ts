import { agentPaths } from '#agent/protocol/paths.ts';
import { Policy } from '#agent/protocol/policy.ts';
import { decidePolicy, type PolicyFacts } from '../../../inventory/policy.ts';
import { SiteDeployments } from '../../../inventory/site-deployments.ts';
import { agentOf } from '../../agent-authorizer.ts';
import { role } from '../../role.ts';
import type { HttpApp } from '../../server.ts';
import { refusalOfMedia } from './media.ts';
import type { AgentServices } from './services.ts';

const nobody: PolicyFacts = {
  site: SiteDeployments.parse({}),
  windows: [],
  preferred: null,
  device: null,
  memberOf: new Set(),
  deployments: [],
  runs: [],
  mayResume: false,
  holdsSecrets: false,
};

/** GET /v1/policy: what this machine is to do now, with the reason when it is nothing. */
export function policy(app: HttpApp, { store, notePolicy, nowMs }: AgentServices): void {
  app.get(
    agentPaths.policy,
    { ...role('agent'), schema: { response: { 200: Policy } } },
    async (request) => {
      const session = agentOf(request);
      const { deviceId, keyThumbprint, bootImage, environment, preferred } = session;
      const now = nowMs();
      const facts =
        deviceId === null
          ? nobody
          : await store.policy.facts({ deviceId, keyThumbprint, preferred, nowMs: now });
      const wished = decidePolicy(facts, {
        nowMs: now,
        remoteAddress: request.socket.remoteAddress ?? '',
        environment,
        bootImage,
      });
      // What is open goes on, whatever it was started from now.
      const refusal =
        wished.kind === 'resume'
          ? undefined
          : await refusalOfMedia(store, { ...session, ...facts }, now);
      const decided: Policy = refusal === undefined ? wished : { kind: 'none', ...refusal };
      if (deviceId === null) return decided;
      notePolicy(deviceId, decided);
      if (decided.kind !== 'offers' || decided.start !== null) return decided;
      const asks = await store.variables.asked(deviceId);
      return asks.length === 0 ? decided : { ...decided, asks };
    },
  );
}
