import { hostname } from 'node:os';
import { z } from 'zod';
import { closest } from '#agent/sequence/closest.ts';
import { checkPools } from '../../../inventory/bench-dhcp.ts';
import type { SiteSettings } from '../../../store/settings.ts';
import {
  BenchDhcpPut,
  BenchDhcpStart,
  type BenchDhcpView,
  DhcpLeaseView,
} from '../../api-bench-dhcp.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';

/** GET and PUT /netboot/dhcp, POST /netboot/dhcp/start, GET /netboot/dhcp/leases. */
export const benchDhcpRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, live } = services;

  app.get('/api/v1/netboot/dhcp', role('operator'), async () => view(await store.settings.get()));

  app.put(
    '/api/v1/netboot/dhcp',
    { ...role('operator'), schema: { body: BenchDhcpPut } },
    async (request) => {
      const { reservations } = request.body;
      const self = await ownName();
      const pools = request.body.pools.map((pool) => ({
        ...pool,
        server: self === '' || pool.server === '' ? self : pool.server,
      }));
      const before = await store.settings.get();
      const own = pools.filter(({ server }) => server === self);
      for (const { interfaceName } of own) checkInterface(interfaceName);
      checkPools(own, live.interfaces());
      await checkReservations(reservations);
      const added = pools.map(({ interfaceName }) => interfaceName);
      const site = await store.settings.change({
        benchDhcp: { pools, reservations },
        // Who gets an address of this server is to be told by it what to boot.
        answerOn: [...new Set([...before.answerOn, ...added])],
      });
      const detail = { pools, reservations: reservations.length };
      await recordChange(services, request, { action: 'dhcp.set', detail, affects: 'boot' });
      return view(site);
    },
  );

  app.post(
    '/api/v1/netboot/dhcp/start',
    { ...role('operator'), schema: { body: BenchDhcpStart } },
    async (request) => {
      const { interfaceName } = request.body;
      const { pools } = (await store.settings.get()).benchDhcp;
      if (!pools.some((pool) => pool.interfaceName === interfaceName))
        throw new HttpError(404, 'dhcp.no-pool', `No addresses are granted on ${interfaceName}`, {
          hint: 'metalwright dhcp show tells where they are; metalwright dhcp set makes a pool.',
        });
      services.startBench(interfaceName);
      const detail = { interfaceName };
      await recordChange(services, request, { action: 'dhcp.start', detail, affects: 'view' });
      return view(await store.settings.get());
    },
  );

  app.get('/api/v1/netboot/dhcp/leases', role('operator'), async () => {
    const leases = (await store.dhcpLeases.all(await ownName())).toReversed();
    return z.array(DhcpLeaseView).parse(leases);
  });

  /** Name of this server among those that share the database; empty where it is alone. */
  async function ownName(): Promise<string> {
    return (await store.servers.list()).length === 0 ? '' : hostname();
  }

  async function view({ benchDhcp, answerOn }: SiteSettings): Promise<BenchDhcpView> {
    const { pools, reservations } = benchDhcp;
    const self = await ownName();
    const states = new Map(live.benches().map((one) => [one.interfaceName, one]));
    const devices = await store.devices.many(reservations.map(({ device }) => device));
    const names = new Map(devices.map(({ id, name }) => [id, name]));
    const offReason = (interfaceName: string, server: string) => {
      if (server !== self) return `It is granted by the server ${server}.`;
      if (!answerOn.includes(interfaceName)) return 'The interface is not answered on.';
      return 'It begins within seconds, if the interface is there with an address of that network.';
    };
    return {
      pools: pools.map((pool) => {
        const { interfaceName, server } = pool;
        const now = server === self ? states.get(interfaceName) : undefined;
        return {
          ...pool,
          state: now?.state ?? 'off',
          reason: now?.reason ?? offReason(interfaceName, server),
          stoppedBy: now?.server ?? null,
          sinceMs: now?.sinceMs ?? null,
        };
      }),
      reservations: reservations.map(({ device, address }) => ({
        device,
        deviceName: names.get(device) ?? null,
        address,
      })),
    };
  }

  /** A name that is mistyped would be waited for in silence. */
  function checkInterface(name: string): void {
    const names = live.interfaces().map((each) => each.name);
    if (names.includes(name)) return;
    const near = closest(name, names)[0];
    throw new HttpError(
      404,
      'netboot.no-interface',
      `There is no interface ${JSON.stringify(name)} with an IPv4 address`,
      {
        hint: `${near === undefined ? '' : `did you mean ${near}? `}give it a fixed address first; there is ${names.join(', ') || 'none but loopback'}`,
      },
    );
  }

  async function checkReservations(
    reservations: z.infer<typeof BenchDhcpPut>['reservations'],
  ): Promise<void> {
    const addresses = new Set(reservations.map(({ address }) => address));
    const devices = new Set(reservations.map(({ device }) => device));
    if (addresses.size < reservations.length || devices.size < reservations.length)
      throw new HttpError(
        400,
        'dhcp.reservation',
        'An address is reserved for two machines, or a machine has two addresses',
        { hint: 'Take one of the two reservations away.' },
      );
    const found = new Set((await store.devices.many([...devices])).map(({ id }) => id));
    const before = (await store.settings.get()).benchDhcp.reservations;
    const missing = [...devices].find(
      (id) => !found.has(id) && !before.some(({ device }) => device === id),
    );
    if (missing !== undefined)
      throw new HttpError(404, 'device.not-found', `There is no device ${missing}`, {
        hint: 'metalwright device list shows them.',
      });
  }
};
