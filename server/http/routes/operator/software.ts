import { z } from 'zod';
import { PackageId } from '#agent/protocol/identity.ts';
import { applicationRefusal } from '#agent/sequence/application.ts';
import type { Store } from '../../../store/operations.ts';
import type { StoredApplication } from '../../../store/software.ts';
import {
  ApplicationAdd,
  ApplicationDetail,
  ApplicationRetire,
  ApplicationView,
  ProgramSet,
  ProgramView,
} from '../../api-software.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';
import { notFound } from './not-found.ts';

const Params = z.object({ id: z.string().max(300) });
const ProgramParams = Params.extend({ name: z.string().max(300) });
/** An application with many scripts in it. */
const DOCUMENT_LIMIT = 4 * 1024 * 1024;

/** GET and POST /applications, GET /applications/:id, POST /applications/:id/retire; programs of packages. */
export const softwareRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, nowMs } = services;

  app.get('/api/v1/applications', role('operator'), async () =>
    (await store.software.applications()).map(toView),
  );

  app.post(
    '/api/v1/applications',
    { ...role('operator'), schema: { body: ApplicationAdd }, bodyLimit: DOCUMENT_LIMIT },
    async (request) => {
      const made = await store.software.addApplication(request.body, nowMs());
      const { id, name, revision } = made;
      await recordChange(services, request, {
        action: 'application.add',
        detail: { application: id, name, revision },
        affects: 'boot',
      });
      return toView(made);
    },
  );

  app.get(
    '/api/v1/applications/:id',
    { ...role('operator'), schema: { params: Params } },
    async (request) => {
      const found = await findApplication(store, request.params.id);
      return ApplicationDetail.parse({ ...toView(found), application: found.application });
    },
  );

  app.post(
    '/api/v1/applications/:id/retire',
    { ...role('operator'), schema: { params: Params, body: ApplicationRetire } },
    async (request) => {
      const { id, name } = await findApplication(store, request.params.id);
      const { retired } = request.body;
      const changed = await store.software.retire(id, { retired, nowMs: nowMs() });
      await recordChange(services, request, {
        action: 'application.retire',
        detail: { application: id, name, retired, revision: changed.revision },
        affects: 'boot',
      });
      return toView(changed);
    },
  );

  app.get(
    '/api/v1/packages/:id/programs',
    { ...role('operator'), schema: { params: Params } },
    async (request) =>
      z.array(ProgramView).parse(await store.software.programs(packageOf(request.params.id))),
  );

  app.put(
    '/api/v1/packages/:id/programs',
    {
      ...role('operator'),
      schema: { params: Params, body: ProgramSet },
      bodyLimit: DOCUMENT_LIMIT,
    },
    async (request) => {
      const id = packageOf(request.params.id);
      const program = request.body;
      const change = { name: program.name, program, nowMs: nowMs() };
      const programs = await store.software.setProgram(id, change);
      await recordChange(services, request, {
        action: 'program.set',
        detail: { package: id, program: program.name },
        affects: 'boot',
      });
      return z.array(ProgramView).parse(programs);
    },
  );

  app.delete(
    '/api/v1/packages/:id/programs/:name',
    { ...role('operator'), schema: { params: ProgramParams } },
    async (request) => {
      const { name } = request.params;
      const id = packageOf(request.params.id);
      const programs = await store.software.setProgram(id, { name, program: null, nowMs: nowMs() });
      await recordChange(services, request, {
        action: 'program.remove',
        detail: { package: id, program: name },
        affects: 'boot',
      });
      return z.array(ProgramView).parse(programs);
    },
  );
};

/** By id, or by name without case. */
async function findApplication(
  store: Pick<Store, 'software'>,
  wanted: string,
): Promise<StoredApplication> {
  const all = await store.software.applications();
  const key = wanted.trim().toLowerCase();
  const found = all.find(({ id, name }) => id === wanted || name.toLowerCase() === key);
  if (found !== undefined) return found;
  const names = all.map(({ name }) => name);
  throw notFound(wanted, { what: 'application', code: 'application', names });
}

function packageOf(text: string): PackageId {
  const { data } = PackageId.safeParse(text);
  if (data !== undefined) return data;
  throw new HttpError(404, 'package.not-found', `There is no package ${JSON.stringify(text)}`);
}

function toView({ application, ...stored }: StoredApplication): ApplicationView {
  const { publisher, softwareVersion, retired, deploymentTypes } = application;
  return ApplicationView.parse({
    ...stored,
    publisher,
    softwareVersion,
    retired,
    refusal: applicationRefusal(application) ?? null,
    deploymentTypes: deploymentTypes.map(({ name }) => name),
  });
}
