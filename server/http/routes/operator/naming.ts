import { z } from 'zod';
import type { CollectionId } from '#agent/protocol/identity.ts';
import type { Device } from '../../../inventory/device.ts';
import { isAutomaticName } from '../../../inventory/device-name.ts';
import { ExpectedKind, expectedKey } from '../../../inventory/expected-device.ts';
import type { NamingRule } from '../../../inventory/naming-rule.ts';
import { DeviceView } from '../../api.ts';
import {
  DeviceName,
  ExpectedAdd,
  ExpectedAdded,
  ExpectedView,
  NamingPreview,
  NamingPreviewed,
  NamingSet,
  NamingView,
} from '../../api-bench.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';
import { operatorOf } from './authorize.ts';
import { deviceContext, toDeviceView } from './device-view.ts';
import { findDevice } from './find-device.ts';
import { notFound } from './not-found.ts';

const Params = z.object({ id: z.string().max(256) });
const ExpectedParams = z.object({ kind: ExpectedKind, key: z.string().min(1).max(256) });
const MOST_PREVIEWED = 100;

/** Names: rules and their preview, tables of expected machines, one device by hand. */
export const namingRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, nowMs } = services;

  app.get('/api/v1/naming', role('operator'), async () => showRules());

  app.put(
    '/api/v1/naming',
    { ...role('operator'), schema: { body: NamingSet } },
    async (request) => {
      const rules = await readRules(request.body.rules);
      await store.naming.setRules(rules);
      await recordChange(services, request, {
        action: 'naming.set',
        detail: { rules },
        affects: 'view',
      });
      return showRules();
    },
  );

  app.post(
    '/api/v1/naming/preview',
    { ...role('operator'), schema: { body: NamingPreview } },
    async (request) => {
      const { rules, devices } = request.body;
      const tried = rules === undefined ? {} : { rules: await readRules(rules) };
      const previewed: NamingPreviewed = [];
      for (const device of await devicesOf(devices)) {
        const choice = await store.naming.choose(device, { uses: false, ...tried });
        const { name, by, reasons } = choice;
        previewed.push({ id: device.id, now: device.name, name, by, reasons: [...reasons] });
      }
      return NamingPreviewed.parse(previewed);
    },
  );

  app.put(
    '/api/v1/devices/:id/name',
    { ...role('operator'), schema: { params: Params, body: DeviceName } },
    async (request) => {
      const { id, name: from } = await findDevice(store, request.params.id);
      const device = await store.deviceNames.rename(id, request.body.name);
      await recordChange(services, request, {
        action: 'device.rename',
        detail: { device: id, from, to: device.name },
        affects: 'boot',
      });
      return DeviceView.parse(toDeviceView(device, await deviceContext(services, [device])));
    },
  );

  app.get('/api/v1/expected-devices', role('operator'), async () =>
    z.array(ExpectedView).parse(await store.expectedDevices.list()),
  );

  app.post(
    '/api/v1/expected-devices',
    { ...role('operator'), schema: { body: ExpectedAdd } },
    async (request) => {
      const by = { who: operatorOf(request), nowMs: nowMs() };
      for (const { kind, key } of request.body.devices) checkKey(kind, key);
      const renamed = await store.deviceNames.tell(request.body.devices, by);
      await recordChange(services, request, {
        action: 'device.expect',
        detail: { devices: request.body.devices, renamed },
        affects: 'boot',
      });
      const expected = await store.expectedDevices.list();
      return ExpectedAdded.parse({ renamed, expected });
    },
  );

  app.delete(
    '/api/v1/expected-devices/:kind/:key',
    { ...role('operator'), schema: { params: ExpectedParams } },
    async (request, reply) => {
      const { kind, key } = request.params;
      checkKey(kind, key);
      if (!(await store.expectedDevices.remove(kind, key)))
        throw new HttpError(
          404,
          'device.not-expected',
          `No machine is expected by ${kind} ${key}`,
          {
            hint: '"metalwright device expected" lists them',
          },
        );
      await recordChange(services, request, {
        action: 'device.unexpect',
        detail: { kind, key },
        affects: 'view',
      });
      return reply.status(204).send();
    },
  );

  async function showRules(): Promise<z.output<typeof NamingView>> {
    const [rules, collections] = await Promise.all([
      store.naming.rules(),
      store.collections.list(),
    ]);
    const names = new Map(collections.map(({ id, name }) => [id, name]));
    return NamingView.parse({
      rules: rules.map((rule) => ({
        ...rule,
        collectionName: rule.collection === undefined ? null : (names.get(rule.collection) ?? null),
      })),
    });
  }

  /** Rules with their collections by id. @throws {HttpError} `collection.not-found` */
  async function readRules(rules: z.output<typeof NamingSet>['rules']): Promise<NamingRule[]> {
    const read: NamingRule[] = [];
    for (const { collection, ...rule } of rules)
      read.push({
        ...rule,
        ...(collection === undefined ? {} : { collection: await collectionId(collection) }),
      });
    return read;
  }

  async function collectionId(wanted: string): Promise<CollectionId> {
    const found = await store.collections.find(wanted);
    if (found !== null) return found.id;
    const names = (await store.collections.list()).map(({ name }) => name);
    throw notFound(wanted, { what: 'collection', code: 'collection', names });
  }

  async function devicesOf(wanted: readonly string[] | undefined): Promise<Device[]> {
    if (wanted === undefined)
      return (await store.devices.list()).filter(isAutomaticName).slice(0, MOST_PREVIEWED);
    return Promise.all(wanted.map((text) => findDevice(store, text)));
  }
};

function checkKey(kind: ExpectedKind, key: string): void {
  try {
    expectedKey(kind, key);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    throw new HttpError(400, 'device.expected-key', `${JSON.stringify(key)} is no ${kind}`, {
      hint: 'a MAC address has six bytes: 00:11:22:aa:bb:cc',
    });
  }
}
