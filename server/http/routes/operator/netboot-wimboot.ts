import { open } from 'node:fs/promises';
import { ContentManifest, type ContentObject } from '#agent/protocol/content.ts';
import type { PackageId, Sha256 } from '#agent/protocol/identity.ts';
import { peArchitecture, peSubsystem, readPeHeader } from '#boot/pe-header.ts';
import { vouchedFor } from '../../../netboot/wimboot-releases.ts';
import { WimbootPut, WimbootView } from '../../api-netboot.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';

/** Objects of the package. */
const files = { ipxe: 'ipxe.efi', wimboot: 'wimboot' } as const;

/** GET, PUT and DELETE /netboot/wimboot: whether the chain wimboot can be used, and by which files. */
export const netbootWimbootRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, content } = services;

  app.get('/api/v1/netboot/wimboot', role('operator'), async () => {
    const { wimboot } = await store.settings.get();
    return WimbootView.parse(wimboot === null ? null : await describe(wimboot, 'kept'));
  });

  app.put(
    '/api/v1/netboot/wimboot',
    { ...role('operator'), schema: { body: WimbootPut } },
    async (request) => {
      const { package: id, sha256 } = request.body;
      const view = await describe(id, sha256);
      await store.settings.change({ wimboot: id });
      await recordChange(services, request, {
        action: 'netboot.wimboot',
        detail: { ...view },
        affects: 'boot',
      });
      return view;
    },
  );

  app.delete('/api/v1/netboot/wimboot', role('operator'), async (request, reply) => {
    await store.settings.change({ wimboot: null });
    await recordChange(services, request, {
      action: 'netboot.wimboot-remove',
      detail: {},
      affects: 'boot',
    });
    return reply.status(204).send();
  });

  /** Looks at both files. `kept`: they were vouched for when they were added. */
  async function describe(id: PackageId, vouched: readonly Sha256[] | 'kept') {
    const bytes = await store.packages.manifest(id);
    if (bytes === null) throw new HttpError(404, 'package.not-found', `There is no package ${id}`);
    const manifest = ContentManifest.parse(JSON.parse(new TextDecoder().decode(bytes)));
    const names: Record<keyof typeof files, string> = { ipxe: '', wimboot: '' };
    for (const [kind, path] of [
      ['ipxe', files.ipxe],
      ['wimboot', files.wimboot],
    ] as const) {
      const object = manifest.objects.find((each) => each.path === path);
      if (object === undefined)
        throw new HttpError(400, 'netboot.wimboot', `The package ${id} has no file ${path}`, {
          hint: 'metalwright netboot wimboot add makes such a package.',
        });
      const known = vouchedFor(kind, object.sha256, vouched === 'kept' ? [object.sha256] : vouched);
      if (known === undefined)
        throw new HttpError(
          400,
          'netboot.wimboot-hash',
          `${path} has the SHA-256 ${object.sha256}, which is none of a known release`,
          {
            hint: 'Compare it with what you were told by who built it, and name it then: --sha256 <hash>.',
          },
        );
      names[kind] = known;
      await checkProgram(object);
    }
    return { package: id, version: manifest.version, ...names };
  }

  async function checkProgram({ path, sha256 }: ContentObject): Promise<void> {
    const { path: file } = await content.file(sha256);
    await using handle = await open(file, 'r');
    const header = await readPeHeader(async (offset, length) => {
      const bytes = Buffer.alloc(length);
      const { bytesRead } = await handle.read(bytes, 0, length, offset);
      return bytes.subarray(0, bytesRead);
    });
    if (
      header !== null &&
      header.subsystem === peSubsystem.efiApplication &&
      peArchitecture.get(header.machine) === 'x64'
    )
      return;
    throw new HttpError(
      400,
      'netboot.wimboot',
      `${path} is no program for x64 UEFI, and the chain wimboot is for x64 UEFI alone`,
      {
        hint: 'Of iPXE it is ipxe.efi or snponly.efi of bin-x86_64-efi, of wimboot the file "wimboot".',
      },
    );
  }
};
