import { z } from 'zod';
import type { SequenceId } from '#agent/protocol/identity.ts';
import { createSequenceReader } from '../../../sequence-reader/reader.ts';
import {
  SequenceAdd,
  SequenceCheck,
  SequenceCheckAnswer,
  SequenceReady,
  SequenceVersionView,
  SequenceView,
} from '../../api-sequences.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { sendJson } from '../send-json.ts';
import { recordChange } from './audit.ts';
import { notFound } from './not-found.ts';

const Params = z.object({ id: z.string().max(256) });
const VersionParams = Params.extend({ version: z.coerce.number().int().positive() });
/** A document may have 2 MiB of text, which JSON can double. */
const BODY_LIMIT = 5 * 1024 * 1024;
/** Sequences that the store looks at in one go. */
const AT_ONCE = 10;

/**
 * GET and POST /sequences; POST /sequences/check; GET and DELETE /sequences/:id, its versions, and POST /sequences/:id/ready. What
 * is wrong with one is found out in the store's worker: with its children it can be large.
 */
export const sequenceRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, nowMs } = services;
  const reader = createSequenceReader();
  app.addHook('onClose', () => reader.close());

  app.get('/api/v1/sequences', role('operator'), async () => {
    const ids = (await store.sequences.list()).map(({ id }) => id);
    const views: SequenceView[] = [];
    // What was not looked at before takes a while: others may ask the store in between.
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      const some = await store.sequences.standings(ids.slice(at, at + AT_ONCE));
      views.push(...z.array(SequenceView).parse(some));
    }
    return views;
  });

  app.post(
    '/api/v1/sequences',
    { ...role('operator'), schema: { body: SequenceAdd }, bodyLimit: BODY_LIMIT },
    async (request) => {
      const { text, format, draft, baseVersion } = request.body;
      const document = await reader.read(text);
      const source = { text, format };
      const wish = { ...document, source, draft, baseVersion };
      const stored = await store.sequences.add(wish, nowMs());
      const { id: sequence, name, version, state } = stored;
      await recordChange(services, request, {
        action: 'sequence.add',
        detail: { sequence, name, version, state },
        affects: 'boot',
      });
      return await view(stored.id);
    },
  );

  app.post(
    '/api/v1/sequences/check',
    { ...role('operator'), schema: { body: SequenceCheck }, bodyLimit: BODY_LIMIT },
    async (request) => {
      const { name, documentJson } = await reader.read(request.body.text);
      const findings = await store.sequences.check({ name, documentJson });
      return SequenceCheckAnswer.parse({ name, ...findings });
    },
  );

  app.get(
    '/api/v1/sequences/:id',
    { ...role('operator'), schema: { params: Params } },
    async (request, reply) => {
      const { id, version } = await find(request.params.id);
      return sendJson(reply, await detail(id, version));
    },
  );

  app.get(
    '/api/v1/sequences/:id/versions',
    { ...role('operator'), schema: { params: Params } },
    async (request) => {
      const { id } = await find(request.params.id);
      return z.array(SequenceVersionView).parse(await store.sequences.versions(id));
    },
  );

  app.get(
    '/api/v1/sequences/:id/versions/:version',
    { ...role('operator'), schema: { params: VersionParams } },
    async (request, reply) => {
      const { id } = await find(request.params.id);
      return sendJson(reply, await detail(id, request.params.version));
    },
  );

  app.post(
    '/api/v1/sequences/:id/ready',
    { ...role('operator'), schema: { params: Params, body: SequenceReady } },
    async (request) => {
      const { id } = await find(request.params.id);
      const { name, version } = await store.sequences.ready(id, request.body.baseVersion);
      await recordChange(services, request, {
        action: 'sequence.ready',
        detail: { sequence: id, name, version },
        affects: 'boot',
      });
      return await view(id);
    },
  );

  app.delete(
    '/api/v1/sequences/:id',
    { ...role('operator'), schema: { params: Params } },
    async (request, reply) => {
      const { id, name, version } = await find(request.params.id);
      await store.sequences.remove(id);
      await recordChange(services, request, {
        action: 'sequence.remove',
        detail: { sequence: id, name, version },
        affects: 'boot',
      });
      return reply.status(204).send();
    },
  );

  async function view(id: SequenceId): Promise<SequenceView> {
    const [standing] = await store.sequences.standings([id]);
    return SequenceView.parse(standing);
  }

  async function find(wanted: string) {
    const found = await store.sequences.head(wanted);
    if (found !== null) return found;
    const names = (await store.sequences.list()).map(({ name }) => name);
    throw notFound(wanted, { what: 'task sequence', code: 'sequence', names });
  }

  async function detail(id: SequenceId, version: number): Promise<Uint8Array> {
    const found = await store.sequences.version(id, version);
    if (found !== null) return found;
    throw new HttpError(404, 'sequence.version-not-found', `It has no version ${version}`, {
      hint: 'metalwright sequence versions <name> lists those there are',
    });
  }
};
