import { z } from 'zod';
import { DeploymentId } from '#agent/protocol/identity.ts';

import type { Deployment } from '../../../inventory/deployment.ts';
import {
  DeploymentSettings,
  DeploymentSettingsChange,
} from '../../../inventory/deployment-settings.ts';
import { hashPassword } from '../../../trust/hash-password.ts';
import { DeploymentCreate, DeploymentView } from '../../api.ts';
import { CollectionCleared, DeploymentStatusView } from '../../api-deployment-status.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';
import { notFound } from './not-found.ts';
import { siteMacs } from './site-macs.ts';

const Params = z.object({ id: DeploymentId });
const CollectionParams = z.object({ id: z.string().max(256) });

/**
 * GET and POST /deployments; GET and PUT of one, its status, POST /deployments/:id/withdraw; POST
 * /collections/:id/clear.
 */
export const deploymentRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, nowMs } = services;

  app.get(
    '/api/v1/deployments',
    role('operator'),
    async () => await views(await store.deployments.list()),
  );

  app.post(
    '/api/v1/deployments',
    { ...role('operator'), schema: { body: DeploymentCreate } },
    async (request) => {
      const { purpose, confirmUnknown, commandPromptPassword: password } = request.body;
      const { accepts = [], unhide = false, settings = {} } = request.body;
      const own = DeploymentSettings.parse(settings);
      const sequence = await findDeployable(request.body.sequence);
      const collection = await findCollection(request.body.collection);
      const made = await store.deployments.create(
        {
          sequenceId: sequence.id,
          collectionId: collection.id,
          purpose,
          scope: confirmUnknown ?? null,
          settings: own,
          commandPrompt: password === undefined ? null : await hashPassword(password),
          guard: { unhide, accepts, siteMacs: siteMacs() },
        },
        nowMs(),
      );
      await recordChange(services, request, {
        action: 'deployment.create',
        detail: {
          deployment: made.id,
          sequence: sequence.id,
          collection: collection.id,
          purpose,
          ...(confirmUnknown === undefined ? {} : { confirmUnknown }),
          ...(password === undefined ? {} : { commandPrompt: true }),
          settings,
          ...(accepts.length === 0 && !unhide
            ? {}
            : {
                accepted: accepts,
                unhide,
                size: await store.deployments.countMembers(collection.id),
              }),
        },
        affects: 'boot',
      });
      return await show(made);
    },
  );

  app.get(
    '/api/v1/deployments/:id',
    { ...role('operator'), schema: { params: Params } },
    async (request) => await show(await store.deployments.get(request.params.id)),
  );

  app.put(
    '/api/v1/deployments/:id',
    { ...role('operator'), schema: { params: Params, body: DeploymentSettingsChange } },
    async (request) => {
      const { id } = request.params;
      const { settings: before } = await store.deployments.get(id);
      const given = Object.entries(request.body).filter(([, value]) => value !== undefined);
      const settings = DeploymentSettings.parse({ ...before, ...Object.fromEntries(given) });
      await store.deployments.change(id, settings);
      await recordChange(services, request, {
        action: 'deployment.change',
        detail: { deployment: id, ...request.body },
        affects: 'boot',
      });
      return await show(await store.deployments.get(id));
    },
  );

  app.get(
    '/api/v1/deployments/:id/status',
    { ...role('operator'), schema: { params: Params } },
    async (request) =>
      DeploymentStatusView.parse(await store.deploymentStatus.of(request.params.id, nowMs())),
  );

  app.post(
    '/api/v1/collections/:id/clear',
    { ...role('operator'), schema: { params: CollectionParams } },
    async (request) => {
      const { id, name } = await findCollection(request.params.id);
      const cleared = await store.deployments.clearCollection(id, nowMs());
      await recordChange(services, request, {
        action: 'collection.clear',
        detail: { collection: id, name, cleared },
        affects: 'boot',
      });
      return CollectionCleared.parse({ cleared });
    },
  );

  app.post(
    '/api/v1/deployments/:id/withdraw',
    { ...role('operator'), schema: { params: Params, body: z.strictObject({}) } },
    async (request) => {
      const { id } = request.params;
      await store.deployments.withdraw(id, nowMs());
      await recordChange(services, request, {
        action: 'deployment.withdraw',
        detail: { deployment: id },
        affects: 'boot',
      });
      const withdrawn = (await store.deployments.list()).find((each) => each.id === id);
      if (withdrawn === undefined)
        throw notFound(id, { what: 'deployment', code: 'deployment', names: [] });
      return await show(withdrawn);
    },
  );

  async function findDeployable(wanted: string) {
    const sequence = await store.sequences.head(wanted);
    if (sequence === null) {
      const names = (await store.sequences.list()).map(({ name }) => name);
      throw notFound(wanted, { what: 'task sequence', code: 'sequence', names });
    }
    const problems = await store.sequences.problems(sequence.id);
    const [problem] = problems;
    if (problem === undefined) return sequence;
    throw new HttpError(
      409,
      'deployment.broken-reference',
      `"${sequence.name}" cannot be deployed: ${problem.message}`,
      { problems, ...(problem.hint === undefined ? {} : { hint: problem.hint }) },
    );
  }

  async function findCollection(wanted: string) {
    const collection = await store.collections.find(wanted);
    if (collection !== null) return collection;
    const names = (await store.collections.list()).map(({ name }) => name);
    throw notFound(wanted, { what: 'collection', code: 'collection', names });
  }

  async function show(deployment: Deployment): Promise<DeploymentView> {
    const [view] = await views([deployment]);
    return DeploymentView.parse(view);
  }

  async function views(deployments: readonly Deployment[]): Promise<DeploymentView[]> {
    const [sequences, collections] = await Promise.all([
      store.sequences.list(),
      store.collections.list(),
    ]);
    return z.array(DeploymentView).parse(
      deployments.map(({ id, sequenceId, collectionId, commandPrompt, ...rest }) => ({
        id,
        sequence: {
          id: sequenceId,
          name: sequences.find((each) => each.id === sequenceId)?.name ?? sequenceId,
        },
        collection: {
          id: collectionId,
          name: collections.find((each) => each.id === collectionId)?.name ?? collectionId,
        },
        purpose: rest.purpose,
        settings: rest.settings,
        scope: rest.scope,
        commandPrompt: commandPrompt !== null,
        withdrawn: rest.withdrawnMs !== null,
        createdMs: rest.createdMs,
      })),
    );
  }
};
