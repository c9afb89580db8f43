import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { DeviceId, MacAddress, SmbiosGuid } from '#agent/protocol/identity.ts';
import type { Device } from '../../../inventory/device.ts';
import { DeviceView } from '../../api.ts';
import {
  ConflictDecision,
  ConflictView,
  DeviceMerge,
  DeviceMerged,
  DeviceSplit,
  DeviceSplitWish,
  SharedAdd,
  SharedView,
} from '../../api-device-conflicts.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';
import { deviceContext, toDeviceView } from './device-view.ts';
import { findDevice } from './find-device.ts';

const Pair = z.object({ device: z.string().max(256), other: z.string().max(256) });
const Params = z.object({ id: z.string().max(256) });
const SharedParams = z.object({ kind: z.enum(['mac', 'guid']), value: z.string().max(64) });

/** Conflicts and their decision, merging, splitting, and the list of identifiers that several machines have. */
export const deviceConflictRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, variableKey, nowMs } = services;

  const isOpen = async (pair: { readonly deviceId: DeviceId; readonly otherId: DeviceId }) =>
    (await store.deviceConflicts.list()).some(
      ({ deviceId, otherId }) => deviceId === pair.deviceId && otherId === pair.otherId,
    );

  app.get('/api/v1/device-conflicts', role('operator'), async () => {
    const open = await store.deviceConflicts.list();
    const ids = [...new Set(open.flatMap(({ deviceId, otherId }) => [deviceId, otherId]))];
    const sides = new Map((await store.devices.many(ids)).map((device) => [device.id, device]));
    return z.array(ConflictView).parse(
      open.flatMap(({ deviceId, otherId, why, firstMs, lastMs }) => {
        const [device, other] = [sides.get(deviceId), sides.get(otherId)];
        return device === undefined || other === undefined
          ? []
          : [{ device, other, why, firstMs, lastMs }];
      }),
    );
  });

  app.post(
    '/api/v1/device-conflicts/:device/:other',
    { ...role('operator'), schema: { params: Pair, body: ConflictDecision } },
    async (request, reply) => {
      const device = await findDevice(store, request.params.device);
      const other = await findDevice(store, request.params.other);
      const { action } = request.body;
      const pair = { deviceId: device.id, otherId: other.id };
      // What a merge refuses stays open.
      if (action === 'merge' && (await isOpen(pair))) await merge(device, other);
      else if (!(await store.deviceConflicts.resolve(pair, action)))
        throw new HttpError(
          404,
          'device.no-conflict',
          `There is no conflict of "${device.name}" with "${other.name}"`,
          { hint: '"metalwright device conflicts" lists them' },
        );
      if (action === 'block') await store.devices.setState(device.id, { state: 'ignored' });
      await recordChange(services, request, {
        action: `device.conflict-${action}`,
        detail: { device: device.id, name: device.name, other: other.id },
        affects: 'boot',
      });
      return reply.status(204).send();
    },
  );

  app.post(
    '/api/v1/devices/:id/merge',
    { ...role('operator'), schema: { params: Params, body: DeviceMerge } },
    async (request) => {
      const from = await findDevice(store, request.params.id);
      const into = await findDevice(store, request.body.into);
      const { device, keptVariables, runs } = await merge(from, into);
      await recordChange(services, request, {
        action: 'device.merge',
        detail: { from: from.id, name: from.name, into: into.id, keptVariables, runs },
        affects: 'boot',
      });
      const view = toDeviceView(device, await deviceContext(services, [device]));
      return DeviceMerged.parse({ device: DeviceView.parse(view), keptVariables, runs });
    },
  );

  app.post(
    '/api/v1/devices/:id/split',
    { ...role('operator'), schema: { params: Params, body: DeviceSplitWish } },
    async (request) => {
      const before = await findDevice(store, request.params.id);
      const at = { newId: DeviceId.parse(randomUUID()), nowMs: nowMs() };
      const { device, made, runs } = await store.deviceSplits.split(before.id, request.body, at);
      const { identifiers, both } = request.body;
      await recordChange(services, request, {
        action: 'device.split',
        detail: {
          device: device.id,
          name: device.name,
          made: made.id,
          madeName: made.name,
          identifiers,
          both,
          runs: request.body.runs,
        },
        affects: 'boot',
      });
      const context = await deviceContext(services, [device, made]);
      return DeviceSplit.parse({
        device: toDeviceView(device, context),
        made: toDeviceView(made, context),
        runs,
      });
    },
  );

  app.get('/api/v1/shared-identifiers', role('operator'), async () =>
    z.array(SharedView).parse(await store.sharedIdentifiers.list()),
  );

  app.post(
    '/api/v1/shared-identifiers',
    { ...role('operator'), schema: { body: SharedAdd } },
    async (request) => {
      const { kind, value } = readShared(request.body.value);
      const one = { kind, value, learned: false, why: request.body.why, atMs: nowMs() };
      await store.sharedIdentifiers.add(one);
      await recordChange(services, request, {
        action: 'device.share',
        detail: { kind, value },
        affects: 'boot',
      });
      return SharedView.parse(one);
    },
  );

  app.delete(
    '/api/v1/shared-identifiers/:kind/:value',
    { ...role('operator'), schema: { params: SharedParams } },
    async (request, reply) => {
      const { kind, value } = readShared(request.params.value);
      if (!(await store.sharedIdentifiers.remove(kind, value)))
        throw new HttpError(404, 'device.not-shared', `${value} is not on the list`, {
          hint: '"metalwright device shared" shows it',
        });
      await recordChange(services, request, {
        action: 'device.unshare',
        detail: { kind, value },
        affects: 'boot',
      });
      return reply.status(204).send();
    },
  );

  function merge(from: Device, into: Device) {
    return store.mergedDevices.merge({ from: from.id, into: into.id }, variableKey);
  }
};

/** A MAC address or a GUID in any spelling. @throws {HttpError} `device.shared-value` */
function readShared(text: string): { readonly kind: 'mac' | 'guid'; readonly value: string } {
  const mac = MacAddress.safeParse(text);
  if (mac.success) return { kind: 'mac', value: mac.data };
  const guid = SmbiosGuid.safeParse(text.replaceAll(/[{}]/g, ''));
  if (guid.success) return { kind: 'guid', value: guid.data };
  throw new HttpError(
    400,
    'device.shared-value',
    `${JSON.stringify(text)} is neither a MAC address nor a GUID`,
    { hint: '00:11:22:aa:bb:cc, or 55555555-5555-5555-5555-555555555555' },
  );
}
