import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { PackageId, Sha256 } from '#agent/protocol/identity.ts';
import { limitSize } from '../../../content/limit-size.ts';
import { readDriverCatalog } from '../../../content/read-driver-catalog.ts';
import {
  FilePackageView,
  UploadBegin,
  UploadCommit,
  UploadFiles,
  UploadMissing,
  UploadView,
} from '../../api-packages.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { sendJson } from '../send-json.ts';
import { recordChange } from './audit.ts';

const ManifestParams = z.object({ id: PackageId });
const ManifestQuery = z.object({ version: z.coerce.number().int().positive().optional() });
const Params = z.object({ id: z.uuid() });
const ObjectParams = Params.extend({ sha256: Sha256 });
/** 500 files with long paths. */
const FILES_LIMIT = 2 * 1024 * 1024;

/**
 * GET /packages, and the manifest of any image or package by its id; POST /packages/uploads, then its files, the objects the server has not, and /commit, which
 * makes one new version of all of them. What broke off is sent again: what is here stays for a day.
 */
export const packageRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, content, intake, variableKey, nowMs } = services;

  app.get('/api/v1/packages', role('operator'), async () =>
    z
      .array(FilePackageView)
      .parse([
        ...(await store.packages.list('package')),
        ...(await store.packages.list('driver-package')),
      ]),
  );

  app.get(
    '/api/v1/packages/:id/manifest',
    { ...role('operator'), schema: { params: ManifestParams, querystring: ManifestQuery } },
    async (request, reply) => {
      const { id } = request.params;
      const manifest = await store.packages.manifest(id, request.query.version);
      if (manifest !== null) return sendJson(reply, manifest);
      throw new HttpError(404, 'package.not-found', `There is no image or package ${id}`);
    },
  );

  app.post(
    '/api/v1/packages/uploads',
    { ...role('operator'), schema: { body: UploadBegin } },
    async (request) => {
      const { name, id: packageId } = request.body;
      const id = randomUUID();
      await store.uploads.begin(id, { name, packageId }, nowMs());
      return UploadView.parse({ id });
    },
  );

  app.post(
    '/api/v1/packages/uploads/:id/files',
    {
      ...role('operator'),
      schema: { params: Params, body: UploadFiles },
      bodyLimit: FILES_LIMIT,
    },
    async (request) => {
      const { files } = request.body;
      const missing = await store.uploads.declare(request.params.id, files, nowMs());
      return UploadMissing.parse({ missing });
    },
  );

  app.put(
    '/api/v1/packages/uploads/:id/objects/:sha256',
    { ...role('operator'), schema: { params: ObjectParams } },
    async (request, reply) => {
      const { id, sha256 } = request.params;
      const { sizeBytes } = await store.uploads.wanted(id, sha256, nowMs());
      // A body of no bytes is none: the file is empty.
      const body = request.body ?? Readable.from([]);
      if (!(body instanceof Readable))
        throw new HttpError(415, 'package.body', 'The body is to be the file itself', {
          hint: 'send it with content-type: application/octet-stream',
        });
      await intake.takeIn(limitSize(body, sizeBytes), sha256, async (object) => {
        if (object.sha256 !== sha256)
          throw new HttpError(
            400,
            'package.hash',
            `The file has the hash ${object.sha256}, and was said to have ${sha256}`,
            { hint: 'It has changed while it was sent: send the package again.' },
          );
        await content.file(sha256);
        await store.uploads.received(id, object, nowMs());
      });
      return reply.status(204).send();
    },
  );

  app.post(
    '/api/v1/packages/uploads/:id/commit',
    { ...role('operator'), schema: { params: Params, body: UploadCommit } },
    async (request) => {
      const { kind, contentKey } = request.body;
      const secret = contentKey === undefined ? undefined : { contentKey, siteKey: variableKey };
      const what = { kind, images: [], secret };
      const { made, isNew } = await store.uploads.commit(request.params.id, nowMs(), what);
      if (!isNew) return FilePackageView.parse(made);
      if (made.kind === 'driver-package') await readDriverCatalog({ store, content });
      await recordChange(services, request, {
        action: 'package.add',
        detail: {
          package: made.id,
          name: made.name,
          version: made.version,
          files: made.fileCount,
          sizeBytes: made.sizeBytes,
          ...(made.secret ? { secret: true } : {}),
        },
        affects: 'boot',
      });
      return FilePackageView.parse(made);
    },
  );
};
