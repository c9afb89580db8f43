import type { ErrorBody } from '#agent/protocol/error.ts';
import { CollectionId, type DeploymentId, type DeviceId } from '#agent/protocol/identity.ts';
import { ALL_SYSTEMS } from '../../../inventory/collection.ts';
import { checkNewDeployment, checkTarget, type Deployment } from '../../../inventory/deployment.ts';
import {
  checkDeploymentSettings,
  DeploymentSettings,
} from '../../../inventory/deployment-settings.ts';
import { checkHighRisk } from '../../../inventory/high-risk.ts';
import type { CollectionToCome } from '../../../store/deployment-checks.ts';
import { DeploymentsCheck, DeploymentsChecked } from '../../api-deployment-check.ts';
import { toAnswer } from '../../errors.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { closedSignal } from './closed-signal.ts';
import { findCollection, findRules } from './rule-wishes.ts';
import { siteMacs } from './site-macs.ts';

type Check = (typeof DeploymentsCheck)['_output'];
type Wish = Check['deployments'][number];
/** What a deployment is aimed at; a device that is to come counts where a direct rule names it. */
interface Target {
  readonly id: CollectionId;
  readonly name: string;
  readonly kind: 'device' | 'user';
}

/** All task sequences and rules of a site. */
const BODY_LIMIT = 8 * 1024 * 1024;

/** POST /deployments/check: holds deployments against the limits of the site before anything is stored. */
export const deploymentCheckRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, nowMs } = services;

  app.post(
    '/api/v1/deployments/check',
    { ...role('operator'), schema: { body: DeploymentsCheck }, bodyLimit: BODY_LIMIT },
    async (request, reply) => {
      const { deployments, sequences } = request.body;
      const site = await store.settings.get();
      const { toCome, unborn } = await collectionsToCome(request.body.collections);
      const risks = await store.deploymentChecks.risks(
        deployments.map(({ sequence }) => sequence),
        sequences.map(({ runs, ...each }) => ({
          ...each,
          children: runs.map((reference) => ({ path: '', step: '', reference })),
        })),
      );
      const targets: Target[] = [];
      for (const { collection } of deployments) targets.push(await find(collection, toCome));
      const reachesUnknown = await store.deploymentChecks.reachesUnknown(toCome);
      const members = await countMembers(toCome, targets, closedSignal(reply));
      const before = new Map<DeploymentId, Deployment>();
      for (const { changes } of deployments)
        if (changes !== undefined) before.set(changes, await store.deployments.get(changes));
      const refusalsOf = (wish: Wish, index: number) => {
        const [risk, target] = [risks[index], targets[index]];
        if (risk === undefined || target === undefined) return [];
        const there = wish.changes === undefined ? undefined : before.get(wish.changes);
        const { confirmUnknown, accepts = [], unhide = false } = wish;
        const { purpose } = there ?? wish;
        const settings = { ...there?.settings, ...wish.settings };
        const { count, servers } = members.get(target.id) ?? { count: 0, servers: [] };
        const facts = {
          purpose,
          risky: risk.risky,
          collectionName: target.name,
          size: count + (unborn.get(target.id) ?? 0),
          servers,
        };
        const aimed = { purpose, collectionId: target.id, scope: confirmUnknown ?? null };
        const start = {
          purpose,
          siteZone: site.deployments.timeZone,
          startsInPe: risk.startsInPe,
        };
        const ofSettings = refusal(() =>
          checkDeploymentSettings(DeploymentSettings.parse(settings), start),
        );
        // What is offered stays as it was accepted.
        if (there !== undefined) return ofSettings;
        const hidden = refusal(() => checkHighRisk(facts, site.deployments, { accepts, unhide }));
        return [
          ...refusal(() => checkNewDeployment(aimed, nowMs())),
          ...refusal(() => checkTarget(aimed, target, reachesUnknown)),
          ...ofSettings,
          ...hidden,
          // What there is to accept besides, once it is unhidden.
          ...(hidden.some(({ code }) => code === 'deployment.unhide')
            ? refusal(() => checkHighRisk(facts, site.deployments, { accepts, unhide: true }))
            : []),
        ];
      };
      return DeploymentsChecked.parse(
        deployments.map((wish, index) => ({ refusals: refusalsOf(wish, index) })),
      );
    },
  );

  async function find(wanted: string, toCome: readonly CollectionToCome[]): Promise<Target> {
    const coming = toCome.find(({ name }) => sameName(name, wanted));
    return coming === undefined
      ? await findCollection(store, wanted)
      : { id: coming.id, name: coming.name, kind: 'device' };
  }

  /**
   * With ids: those that they have, or such as nothing has; and how many devices of each are to come. What
   * rules do not decide, built-in ones and users, stays as it is.
   */
  async function collectionsToCome(wishes: Check['collections']) {
    const stored = new Map(
      (await store.collections.list()).map((each) => [keyOf(each.name), each]),
    );
    const coming = wishes.flatMap(({ name, ...wish }, index) => {
      const {
        id = CollectionId.parse(`TOCOME${index}`),
        builtIn = false,
        kind = 'device',
      } = stored.get(keyOf(name)) ?? {};
      return builtIn || kind === 'user' ? [] : [{ id, name, ...wish }];
    });
    const ids = new Map(coming.map(({ id, name }) => [keyOf(name), id]));
    const idOf = async (name: string) =>
      ids.get(keyOf(name)) ?? (await findCollection(store, name)).id;
    const unborn = new Map<CollectionId, number>();
    const toCome: CollectionToCome[] = [];
    for (const { id, name, limitingCollection: limit, rules } of coming) {
      const here: typeof rules = [];
      for (const rule of rules)
        if (rule.kind !== 'direct' || (await store.devices.find(rule.device)) !== null)
          here.push(rule);
      unborn.set(id, rules.length - here.length);
      const limitingCollection = limit === undefined ? ALL_SYSTEMS : await idOf(limit);
      toCome.push({ id, name, limitingCollection, ...(await findRules(store, here, idOf)) });
    }
    return { toCome, unborn };
  }

  /** Members of the targets, as they would be. */
  async function countMembers(
    toCome: readonly CollectionToCome[],
    targets: readonly Target[],
    signal: AbortSignal,
  ) {
    const found = new Map<CollectionId, { count: number; servers: string[] }>();
    const wanted = [...new Set(targets.map(({ id }) => id))];
    const wish = { toCome, wanted, siteMacs: siteMacs() };
    for (let after: DeviceId | '' | null = ''; after !== null && !signal.aborted; ) {
      const slice = await store.deploymentChecks.slice(wish, { after, nowMs: nowMs() });
      for (const { collection, count: more, servers } of slice.members) {
        const before = found.get(collection) ?? { count: 0, servers: [] };
        before.count += more;
        before.servers.push(...servers);
        found.set(collection, before);
      }
      after = slice.after;
    }
    return found;
  }
};

function refusal(check: () => unknown): ErrorBody[] {
  try {
    check();
    return [];
  } catch (error) {
    const { status, body } = toAnswer(error);
    if (status >= 500) throw error;
    return [body];
  }
}

function keyOf(name: string): string {
  return name.trim().toLowerCase();
}

function sameName(one: string, other: string): boolean {
  return keyOf(one) === keyOf(other);
}
