import { Readable } from 'node:stream';
import { z } from 'zod';
import { PackageId } from '#agent/protocol/identity.ts';
import type { BootFileMap } from '../../../netboot/snapshot.ts';
import { BootImageAddQuery, BootImageRebuild, type BootImageView } from '../../api-boot-images.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';
import { bootImageUses } from './boot-image-use.ts';

const BootImageParams = z.object({ id: PackageId });

/** GET and POST /boot-images; POST /boot-images/:id/rebuild. Answered when the image is made. */
export const bootImageRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { bootImages, store } = services;

  const view = async (): Promise<BootImageView[]> => {
    const [images, settings, chains, devices] = await Promise.all([
      bootImages.list(),
      store.settings.get(),
      store.bootChains.list(),
      store.devices.list(),
    ]);
    return images.map(({ id, name, version, facts, files }) => {
      const agent = bootImages.agentVersion(facts.architecture);
      return {
        id,
        name,
        version,
        facts,
        outdated: agent !== undefined && agent !== facts.agentVersion,
        sizeBytes: sizeOf(files),
        setFor: bootImageUses(id, { settings, chains, devices }),
      };
    });
  };
  const viewOf = async (id: PackageId): Promise<BootImageView> => {
    const found = (await view()).find((each) => each.id === id);
    if (found !== undefined) return found;
    throw new HttpError(500, 'boot-image.not-found', `The boot image ${id} cannot be read back`);
  };

  app.get('/api/v1/boot-images', role('operator'), view);

  app.post(
    '/api/v1/boot-images',
    { ...role('operator'), schema: { querystring: BootImageAddQuery } },
    async (request) => {
      const { name, id, index, drivers = [], serverAddress } = request.query;
      if (!(request.body instanceof Readable))
        throw new HttpError(415, 'image.body', 'The body is to be the WIM itself', {
          hint: 'send it with content-type: application/octet-stream',
        });
      const wish = { name, packageId: id, index, drivers, serverAddress };
      const made = await bootImages.add(request.body, wish);
      await recordChange(services, request, {
        action: 'boot-image.add',
        detail: { bootImage: made.id, name: made.name, version: made.version },
        affects: 'boot',
      });
      return viewOf(made.id);
    },
  );

  app.post(
    '/api/v1/boot-images/:id/rebuild',
    { ...role('operator'), schema: { params: BootImageParams, body: BootImageRebuild } },
    async (request) => {
      const { id } = request.params;
      const made = await bootImages.rebuild(id, request.body.serverAddress);
      await recordChange(services, request, {
        action: 'boot-image.rebuild',
        detail: { bootImage: made.id, name: made.name, version: made.version },
        affects: 'boot',
      });
      return viewOf(id);
    },
  );
};

function sizeOf(files: BootFileMap): number {
  return [...files.values()].reduce(
    (sum, file) => sum + (file.kind === 'file' ? file.sizeBytes : file.bytes.byteLength),
    0,
  );
}
