import { z } from 'zod';
import type { BootFileMap } from '../../../netboot/snapshot.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { HttpApp } from '../../server.ts';
import { hijackWithFile } from '../objects.ts';

/**
 * GET and HEAD /boot/*: files of the boot image, by name from a map. A name that is not in the map does
 * not exist, whatever is on the disk.
 */
export function bootFileRoutes(
  app: HttpApp,
  { bootFiles }: { readonly bootFiles: () => BootFileMap },
): void {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/boot/*',
    ...role('public-boot'),
    schema: { params: z.object({ '*': z.string() }) },
    handler: async (request, reply) => {
      const name = request.params['*'];
      const file = bootFiles().get(name);
      if (file === undefined)
        throw new HttpError(404, 'boot.not-found', `There is no boot file "${name}"`, {
          hint: 'See `metalwright doctor` for the boot image.',
        });
      if (file.kind === 'file') return hijackWithFile(request, reply, file);
      return reply.type('application/octet-stream').send(Buffer.from(file.bytes));
    },
  });
}
