import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { accountCases } from '../../../inventory/account-cases.ts';
import type { SiteAccount } from '../../../store/site-accounts.ts';
import {
  AccountCaseView,
  DeploymentSecrets,
  SiteAccountChange,
  SiteAccountCreate,
  SiteAccountView,
} from '../../api-accounts.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';
import { notFound } from './not-found.ts';

const Params = z.object({ id: z.string().max(256) });
const AsksForMulticast = z.union([
  z.object({ multicast: z.literal(true) }),
  z.object({ download: z.literal('multicast') }),
]);

/**
 * /accounts: accounts of the site, whose passwords go in and never come out; /account-cases: what needs one
 * still; /deployments/:id/secrets: how sure a machine must be for them.
 */
export const accountRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, variableKey, nowMs } = services;

  app.get('/api/v1/accounts', role('operator'), async () =>
    z.array(SiteAccountView).parse(await store.siteAccounts.list()),
  );

  app.get(
    '/api/v1/accounts/:id',
    { ...role('operator'), schema: { params: Params } },
    async (request) => SiteAccountView.parse(await find(request.params.id)),
  );

  app.post(
    '/api/v1/accounts',
    { ...role('operator'), schema: { body: SiteAccountCreate } },
    async (request) => {
      const wish = { id: randomUUID(), isNew: true, nowMs: nowMs(), ...request.body };
      const made = await store.siteAccounts.put(wish, variableKey);
      await recordChange(services, request, {
        action: 'account.add',
        detail: brief(made),
        affects: 'view',
      });
      return SiteAccountView.parse(made);
    },
  );

  app.put(
    '/api/v1/accounts/:id',
    { ...role('operator'), schema: { params: Params, body: SiteAccountChange } },
    async (request) => {
      const before = await find(request.params.id);
      const { name, kind, user, position, password } = request.body;
      const wish = {
        id: before.id,
        isNew: false,
        nowMs: nowMs(),
        name: name ?? before.name,
        kind: kind ?? before.kind,
        user: user ?? before.user,
        position: position ?? before.position,
        password,
      };
      const after = await store.siteAccounts.put(wish, variableKey);
      await recordChange(services, request, {
        action: 'account.change',
        detail: { before: brief(before), after: brief(after), password: password !== undefined },
        affects: 'view',
      });
      return SiteAccountView.parse(after);
    },
  );

  app.delete(
    '/api/v1/accounts/:id',
    { ...role('operator'), schema: { params: Params } },
    async (request, reply) => {
      const gone = await find(request.params.id);
      await store.siteAccounts.remove(gone.id);
      await recordChange(services, request, {
        action: 'account.remove',
        detail: brief(gone),
        affects: 'view',
      });
      return reply.status(204).send();
    },
  );

  app.get('/api/v1/account-cases', role('operator'), async () => {
    const accounts = await store.siteAccounts.list();
    return z.array(AccountCaseView).parse(
      accountCases.map((one) => ({
        ...one,
        missing: one.needs !== null && !accounts.some(({ kind }) => kind === one.needs),
      })),
    );
  });

  app.get(
    '/api/v1/deployments/:id/secrets',
    { ...role('operator'), schema: { params: Params } },
    async (request) => {
      const id = await deploymentOf(request.params.id);
      return DeploymentSecrets.parse({
        releaseSecretsAt: await store.siteAccounts.releaseLevel(id),
      });
    },
  );

  app.put(
    '/api/v1/deployments/:id/secrets',
    { ...role('operator'), schema: { params: Params, body: DeploymentSecrets } },
    async (request) => {
      const id = await deploymentOf(request.params.id);
      const before = await store.siteAccounts.releaseLevel(id);
      const { releaseSecretsAt } = request.body;
      await store.siteAccounts.setReleaseLevel(id, releaseSecretsAt);
      await recordChange(services, request, {
        action: 'deployment.secrets',
        detail: { deployment: id, before, after: releaseSecretsAt },
        affects: 'view',
      });
      return DeploymentSecrets.parse({ releaseSecretsAt });
    },
  );

  // Named by a code of its own: those who come from Configuration Manager look for it.
  app.addHook('preValidation', async (request) => {
    const isDeployment = (request.routeOptions.url ?? '').startsWith('/api/v1/deployments');
    if (!isDeployment || !AsksForMulticast.safeParse(request.body).success) return;
    throw new HttpError(400, 'content.multicast', 'There is no multicast here', {
      hint: 'Machines of one bench read over HTTP, each for itself; a distribution point near them is the remedy.',
    });
  });

  async function deploymentOf(wanted: string) {
    const all = await store.deployments.list();
    const found = all.find(({ id }) => id.toLowerCase() === wanted.toLowerCase());
    if (found !== undefined) return found.id;
    const names = all.map(({ id }) => id);
    throw notFound(wanted, { what: 'deployment', code: 'deployment', names });
  }

  async function find(wanted: string): Promise<SiteAccount> {
    const found = await store.siteAccounts.find(wanted);
    if (found !== null) return found;
    const names = (await store.siteAccounts.list()).map(({ name }) => name);
    throw notFound(wanted, { what: 'account', code: 'account', names });
  }
};

function brief({ id, name, kind, user, position }: SiteAccount) {
  return { account: id, name, kind, user, position };
}
