import { z } from 'zod';
import { DeviceId, type PackageId } from '#agent/protocol/identity.ts';
import type { ChainSettings } from '../../../inventory/chain-settings.ts';
import { BootChainPut, BootChainView, SignerView } from '../../api-netboot.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';

const Device = z.object({ device: DeviceId });

/** GET and PUT /netboot/chains; GET /netboot/signers, and DELETE of one device's. */
export const netbootChainRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store } = services;

  app.get('/api/v1/netboot/chains', role('operator'), async () =>
    z.array(BootChainView).parse(await show()),
  );

  app.put(
    '/api/v1/netboot/chains',
    { ...role('operator'), schema: { body: BootChainPut } },
    async (request) => {
      const { target, settings: wish } = request.body;
      const { bootImage, ...rest } = wish;
      const settings: ChainSettings = {
        ...rest,
        ...(bootImage === undefined ? {} : { bootImage: await findBootImage(store, bootImage) }),
      };
      switch (target.scope) {
        case 'all':
          await store.settings.change({ chain: settings });
          break;
        case 'model': {
          const { scope, model } = target;
          await store.bootChains.put({ scope, key: model, label: model, settings });
          break;
        }
        case 'device': {
          if ((await store.devices.get(target.device)) === null)
            throw new HttpError(404, 'device.not-found', `There is no device ${target.device}`);
          const { scope, device } = target;
          await store.bootChains.put({ scope, key: device, label: '', settings });
        }
      }
      await recordChange(services, request, {
        action: 'netboot.chain',
        detail: { target, settings },
        affects: 'boot',
      });
      return z.array(BootChainView).parse(await show());
    },
  );

  app.get('/api/v1/netboot/signers', role('operator'), async () => {
    const [signers, devices] = await Promise.all([
      store.bootChains.signers(),
      store.devices.list(),
    ]);
    return z.array(SignerView).parse(
      signers.map((one) => {
        const device = devices.find(({ smbiosGuid, macAddresses }) =>
          [smbiosGuid, ...macAddresses].some(
            (key) => key !== null && (key === one.machine || key === one.mac),
          ),
        );
        return { ...one, device: device?.id ?? null, deviceName: device?.name ?? null };
      }),
    );
  });

  app.delete(
    '/api/v1/netboot/signers/:device',
    { ...role('operator'), schema: { params: Device } },
    async (request, reply) => {
      const device = await store.devices.get(request.params.device);
      if (device === null)
        throw new HttpError(404, 'device.not-found', `There is no device ${request.params.device}`);
      const { smbiosGuid, macAddresses } = device;
      await store.bootChains.forget([
        ...macAddresses,
        ...(smbiosGuid === null ? [] : [smbiosGuid]),
      ]);
      await recordChange(services, request, {
        action: 'netboot.forget-signer',
        detail: { device: device.id, name: device.name },
        affects: 'boot',
      });
      return reply.status(204).send();
    },
  );

  async function show(): Promise<z.input<typeof BootChainView>[]> {
    const { chain } = await store.settings.get();
    const [chains, devices] = await Promise.all([store.bootChains.list(), store.devices.list()]);
    const names = new Map(devices.map(({ id, name }) => [String(id), name]));
    return [
      { target: { scope: 'all' }, label: 'all machines', settings: chain },
      ...chains.map(({ scope, key, label, settings }) =>
        scope === 'model'
          ? { target: { scope, model: label }, label, settings }
          : {
              target: { scope, device: DeviceId.parse(key) },
              label: names.get(key) ?? key,
              settings,
            },
      ),
    ];
  }
};

/**
 * The boot image of Windows PE with that id or name without case; null stays Linux PE.
 * @throws {HttpError} `netboot.no-boot-image`
 */
export async function findBootImage(
  store: OperatorServices['store'],
  wanted: string | null,
): Promise<PackageId | null> {
  if (wanted === null) return null;
  const images = await store.packages.list('boot-image');
  const key = wanted.trim().toLowerCase();
  const found = images.find(
    ({ id, name }) => id.toLowerCase() === key || name.trim().toLowerCase() === key,
  );
  if (found !== undefined) return found.id;
  const names = images.map(({ id, name }) => `${name} (${id})`).join(', ');
  throw new HttpError(
    404,
    'netboot.no-boot-image',
    `There is no boot image of Windows PE ${JSON.stringify(wanted)}`,
    { hint: names === '' ? 'There is none at all yet.' : `There is ${names}.` },
  );
}
