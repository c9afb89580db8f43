import { z } from 'zod';
import { LINUX_PE_SCRIPT } from '#boot/boot-names.ts';
import { SCRIPT_SERVER } from '#boot/ipxe-script.ts';
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
      const bytes = Buffer.from(file.bytes);
      if (name !== LINUX_PE_SCRIPT) return reply.type('application/octet-stream').send(bytes);
      // iPXE cannot tell the kernel which server it was started by.
      const address = request.socket.localAddress?.replace(/^::ffff:/i, '') ?? '';
      return reply.type('text/plain').send(bytes.toString().replaceAll(SCRIPT_SERVER, address));
    },
  });
}
