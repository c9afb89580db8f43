import { z } from 'zod';
import type { MediaRecord } from '../../../media/media-record.ts';
import { MediaBlock, MediaCreate, MediaFileQuery, MediaView } from '../../api-media.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { hijackWithFile } from '../objects.ts';
import { recordChange } from './audit.ts';
import { operatorOf } from './authorize.ts';

const Params = z.object({ id: z.string().max(64) });

/** Media: made in the background, listed, fetched, blocked, deleted. Nothing answers a password or a value. */
export const mediaRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, media, nowMs } = services;

  const toView = ({ publicKey: _key, ...record }: MediaRecord): MediaView =>
    MediaView.parse({ ...record, progress: media.progress(record.id) });
  const find = async (id: string): Promise<MediaRecord> => {
    const record = await store.media.find(id);
    if (record !== null) return record;
    throw new HttpError(404, 'media.not-found', `There are no media ${id}`, {
      hint: '"metalwright media list" shows those there are.',
    });
  };

  app.get('/api/v1/media', role('operator'), async () => (await store.media.list()).map(toView));

  app.get(
    '/api/v1/media/:id',
    { ...role('operator'), schema: { params: Params } },
    async (request) => toView(await find(request.params.id)),
  );

  app.post(
    '/api/v1/media',
    { ...role('operator'), schema: { body: MediaCreate } },
    async (request, reply) => {
      const { kind, label, form } = request.body;
      const made = await media.create(request.body, operatorOf(request));
      await recordChange(services, request, {
        action: 'media.create',
        detail: { media: made.id, kind, label, form, password: made.password, facts: made.facts },
        affects: 'view',
      });
      return reply.status(202).send(toView(made));
    },
  );

  app.post(
    '/api/v1/media/:id/cancel',
    { ...role('operator'), schema: { params: Params } },
    async (request) => {
      const { id, label } = await find(request.params.id);
      await media.cancel(id);
      await recordChange(services, request, {
        action: 'media.cancel',
        detail: { media: id, label },
        affects: 'view',
      });
      return toView(await find(id));
    },
  );

  app.put(
    '/api/v1/media/:id/block',
    { ...role('operator'), schema: { params: Params, body: MediaBlock } },
    async (request) => {
      const { id, label } = await find(request.params.id);
      const { blocked, reason } = request.body;
      await store.media.block(id, blocked ? { reason, nowMs: nowMs() } : null);
      await recordChange(services, request, {
        action: 'media.block',
        detail: { media: id, label, blocked, reason },
        affects: 'view',
      });
      return toView(await find(id));
    },
  );

  app.delete(
    '/api/v1/media/:id',
    { ...role('operator'), schema: { params: Params } },
    async (request, reply) => {
      const { id, label } = await find(request.params.id);
      await media.remove(id);
      await recordChange(services, request, {
        action: 'media.delete',
        detail: { media: id, label },
        affects: 'view',
      });
      return reply.status(204).send();
    },
  );

  app.get(
    '/api/v1/media/:id/file',
    { ...role('operator'), schema: { params: Params, querystring: MediaFileQuery } },
    async (request, reply) => {
      const record = await find(request.params.id);
      return hijackWithFile(request, reply, await media.file(record, request.query.path));
    },
  );

  app.get(
    '/api/v1/media/:id/files',
    { ...role('operator'), schema: { params: Params } },
    async (request) => media.files(await find(request.params.id)),
  );
};
