import type { Command } from 'commander';
import { z } from 'zod';
import { DeviceId } from '#agent/protocol/identity.ts';
import { type BenchDhcpPut, BenchDhcpView, DhcpLeaseView } from '../http/api-bench-dhcp.ts';
import type { ApiClient } from './api-client.ts';
import { CliError } from './cli-error.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { findDevice, listDevices } from './device-lookup.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';
import { formatTime, parseCount, parseNames } from './units.ts';

const SetOptions = z.object({
  interface: z.string(),
  subnet: z.string().optional(),
  first: z.string(),
  last: z.string(),
  router: z.string().optional(),
  dns: z.array(z.string()).default([]),
  domain: z.string().optional(),
  leaseMinutes: z.number().optional(),
});
const Target = z.object({ interface: z.string(), subnet: z.string().optional() });
/** What is put: a pool may leave out what has a default. */
type Put = z.input<typeof BenchDhcpPut>;
interface Before {
  readonly pools: NonNullable<Put['pools']>;
  readonly reservations: NonNullable<Put['reservations']>;
}

/** `metalwright dhcp show|set|remove|start|reserve|unreserve|leases`. */
export function dhcpCommand(program: Command, terminal: Terminal): void {
  const dhcp = program
    .command('dhcp')
    .description('addresses for machines of an isolated bench, where no other DHCP server is');

  withServerOptions(
    dhcp
      .command('show')
      .description('show pools, whether they are granted from, and reservations')
      .option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const view = await withApi(terminal, options, read);
    terminal.out(wantsJson(options) ? `${JSON.stringify(view, null, 2)}\n` : describe(view));
  });

  withServerOptions(
    dhcp
      .command('set')
      .description('grant addresses on an interface; one pool for each network')
      .requiredOption('--interface <name>', 'interface that machines of the bench are on')
      .requiredOption('--first <address>', 'first address of the pool')
      .requiredOption('--last <address>', 'last address of the pool')
      .option('--subnet <a.b.c.d/bits>', 'network behind a DHCP relay, which asks on the interface')
      .option('--router <address>', 'router of the network (option 3)')
      .option('--dns <addresses>', 'name servers, with commas between (option 6)', parseNames)
      .option('--domain <name>', 'domain of the machines (option 15)')
      .option('--lease-minutes <n>', 'how long an address is granted: 60 at first', parseCount),
  ).action(async (options: unknown) => {
    const { dns, subnet, interface: interfaceName, ...wish } = SetOptions.parse(options);
    const pool = { ...wish, interfaceName, dnsServers: dns, subnet: subnet ?? null };
    const view = await change(terminal, options, async (before) => ({
      ...before,
      pools: [...before.pools.filter((one) => !isOf(one, { interfaceName, subnet })), pool],
    }));
    terminal.out(describe(view));
  });

  withServerOptions(
    dhcp
      .command('remove')
      .description('grant no more addresses on an interface')
      .requiredOption('--interface <name>', 'interface of the pool')
      .option('--subnet <a.b.c.d/bits>', 'its network, where that is behind a relay'),
  ).action(async (options: unknown) => {
    const { interface: interfaceName, subnet } = Target.parse(options);
    const view = await change(terminal, options, async (before) => {
      const pools = before.pools.filter((one) => !isOf(one, { interfaceName, subnet }));
      if (pools.length === before.pools.length)
        throw new CliError('dhcp.no-pool', `no addresses are granted on ${interfaceName}`, {
          hint: 'metalwright dhcp show tells where they are',
        });
      return { ...before, pools };
    });
    terminal.out(describe(view));
  });

  withServerOptions(
    dhcp
      .command('start')
      .description('grant addresses again, after another DHCP server has stopped it')
      .requiredOption('--interface <name>', 'interface of the pool'),
  ).action(async (options: unknown) => {
    const json = { interfaceName: Target.parse(options).interface };
    await withApi(terminal, options, (api) =>
      api.call('POST', '/netboot/dhcp/start', BenchDhcpView, { json }),
    );
    terminal.out(
      `${json.interfaceName}: other DHCP servers are listened for, then addresses are granted\n`,
    );
  });
  reservationCommands(dhcp, terminal);

  withServerOptions(
    dhcp
      .command('leases')
      .description('addresses that were granted, the newest first')
      .option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const leases = await withApi(terminal, options, (api) =>
      api.call('GET', '/netboot/dhcp/leases', z.array(DhcpLeaseView)),
    );
    writeList(terminal, leases, {
      json: wantsJson(options),
      empty: 'no address was granted yet',
      columns: [
        { title: 'ADDRESS', value: (row) => row.address },
        { title: 'MAC', value: (row) => row.mac },
        { title: 'NAME', value: (row) => row.hostName },
        { title: 'STATE', value: (row) => row.state },
        { title: 'UNTIL', value: (row) => formatTime(row.untilMs) },
      ],
    });
  });
}

function reservationCommands(dhcp: Command, terminal: Terminal): void {
  const device = ['--device <device>', 'id, serial number, MAC address or name'] as const;
  withServerOptions(
    dhcp
      .command('reserve')
      .description('one address for one machine, which nobody else gets')
      .requiredOption(...device)
      .requiredOption('--address <address>', 'of the network of a pool'),
  ).action(async (options: unknown) => {
    const wish = z.object({ device: z.string(), address: z.string() }).parse(options);
    const view = await change(terminal, options, async (before, api) => {
      const { id } = findDevice(await listDevices(api), wish.device);
      const others = before.reservations.filter((one) => one.device !== id);
      return { ...before, reservations: [...others, { device: id, address: wish.address }] };
    });
    terminal.out(describe(view));
  });

  withServerOptions(
    dhcp
      .command('unreserve')
      .description('take the reservation of an address away')
      .requiredOption('--address <address>', 'the address'),
  ).action(async (options: unknown) => {
    const { address } = z.object({ address: z.string() }).parse(options);
    const view = await change(terminal, options, async (before) => {
      const reservations = before.reservations.filter((one) => one.address !== address);
      if (reservations.length === before.reservations.length)
        throw new CliError('dhcp.reservation', `${address} is reserved for nobody`, {
          hint: 'metalwright dhcp show lists reservations',
        });
      return { ...before, reservations };
    });
    terminal.out(describe(view));
  });
}

const read = (api: ApiClient): Promise<BenchDhcpView> =>
  api.call('GET', '/netboot/dhcp', BenchDhcpView);

/** Reads what is set, and puts back what comes of it. */
function change(
  terminal: Terminal,
  options: unknown,
  next: (before: Before, api: ApiClient) => Promise<Put>,
): Promise<BenchDhcpView> {
  return withApi(terminal, options, async (api) => {
    const { pools, reservations } = await read(api);
    const before: Before = {
      pools: pools.map(
        ({ state: _state, reason: _reason, stoppedBy: _by, sinceMs: _since, ...pool }) => pool,
      ),
      reservations: reservations.map(({ device, address }) => ({
        device: DeviceId.parse(device),
        address,
      })),
    };
    const json = await next(before, api);
    return api.call('PUT', '/netboot/dhcp', BenchDhcpView, { json });
  });
}

function isOf(
  pool: { readonly interfaceName: string; readonly subnet?: string | null | undefined },
  wanted: { readonly interfaceName: string; readonly subnet: string | undefined },
): boolean {
  return (
    pool.interfaceName === wanted.interfaceName && (pool.subnet ?? null) === (wanted.subnet ?? null)
  );
}

function describe({ pools, reservations }: BenchDhcpView): string {
  if (pools.length === 0)
    return 'no addresses are granted: another DHCP server gives them, or\nmetalwright dhcp set --interface <name> --first <address> --last <address>\n';
  const lines = pools.map(
    ({ interfaceName, subnet, first, last, leaseMinutes, state, reason }) =>
      `${interfaceName}${subnet === null ? '' : ` (${subnet} behind a relay)`}: ${first} to ${last} for ${leaseMinutes} minutes, ${state}. ${reason}\n`,
  );
  const reserved = reservations.map(
    ({ address, device, deviceName }) => `${address} is reserved for ${deviceName ?? device}\n`,
  );
  return [...lines, ...reserved].join('');
}
