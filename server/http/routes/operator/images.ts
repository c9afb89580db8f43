import { Readable } from 'node:stream';
import { z } from 'zod';
import { readImages } from '../../../content/read-images.ts';
import { ImageAddQuery, PackageView } from '../../api.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';

/** Name of the one object in the package of an OS image. */
const IMAGE_PATH = 'image.wim';

/** GET /images; POST /images?name=N and so on, whose body is the WIM, taken in as it comes. */
export const imageRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, content, intake, nowMs } = services;

  app.get('/api/v1/images', role('operator'), async () =>
    z.array(PackageView).parse(await store.packages.images()),
  );

  app.addContentTypeParser('application/octet-stream', (_request, payload, done) =>
    done(null, payload),
  );
  app.post(
    '/api/v1/images',
    { ...role('operator'), schema: { querystring: ImageAddQuery } },
    async (request) => {
      const { name, id, kind, architecture } = request.query;
      if (!(request.body instanceof Readable)) {
        throw new HttpError(415, 'image.body', 'The body is to be the WIM itself', {
          hint: 'send it with content-type: application/octet-stream',
        });
      }
      const stored = await intake.takeIn(request.body, IMAGE_PATH, async (object) => {
        const images = (await readImages(content, object)).map((image) => ({
          ...image,
          kind: kind ?? image.kind,
          architecture: architecture ?? image.architecture,
        }));
        const made = await store.packages.add(
          { name: name.trim(), kind: 'os-image', objects: [object], images, packageId: id },
          nowMs(),
        );
        return { ...made, sha256: object.sha256 };
      });
      await recordChange(services, request, {
        action: 'image.add',
        detail: {
          image: stored.id,
          name: stored.name,
          version: stored.version,
          sha256: stored.sha256,
        },
        affects: 'boot',
      });
      return PackageView.parse(stored);
    },
  );
};
