import { z } from 'zod';
import { runCommand } from '../../lab/child.ts';
import { FOREIGN_INTERFACE, inNamespace, SERVER_ADDRESS } from '../../lab/namespace.ts';
import type { Pool } from './dhcp-network.ts';
import type { MeasuredServer } from './peers.ts';

/** What the judge of the answers counted (`dhcp-judge.c`). */
const Judged = z.object({
  /** perfdhcp's: 3 when some exchanges were not finished, which under this load is so. */
  status: z.int(),
  discovers: z.int(),
  requests: z.int(),
  offers: z.int(),
  acks: z.int(),
  twice: z.int(),
  wrong: z.int(),
  lost: z.int(),
});

/** A load of perfdhcp. */
export interface DhcpLoad {
  /** Exchanges begun a second. */
  readonly rate: number;
  readonly seconds: number;
  /** `offer`: PXE clients ask what to boot, and the answer is to name this file. `pool`: clients take an address of this pool. */
  readonly kind: { readonly offer: string } | { readonly pool: Pool };
  /** Makes the clients others than those of the runs before. */
  readonly run: number;
}
/** What one run gave. */
export interface DhcpLoaded extends z.infer<typeof Judged> {
  /** Exchanges finished a second, as perfdhcp counts. */
  readonly perSecond: number;
  /** Processor time of the server for each of them, in microseconds. */
  readonly cpuMicroseconds: number;
  /** What was asked a second: perfdhcp sends less than it is told to where it has no processor for it. */
  readonly askedPerSecond: number;
}

const WAIT_US = 300_000;
const CLIENTS = 10_000_000;
/** Option 60, `PXEClient:Arch:00007:UNDI:003016`; 93, UEFI x64; 94; 97, one SMBIOS UUID. */
const PXE_OPTIONS = [
  `60,${Buffer.from('PXEClient:Arch:00007:UNDI:003016').toString('hex')}`,
  '93,0007',
  '94,010310',
  '97,00112233445566778899aabbccddeeff00',
].flatMap((option) => ['-o', option]);

/** Loads a server with perfdhcp, which asks as a relay does, and has every answer judged. */
export async function loadByPerfdhcp(
  client: { readonly judge: string; readonly namespace: string },
  server: MeasuredServer,
  { rate, seconds, kind, run }: DhcpLoad,
): Promise<DhcpLoaded> {
  const asksOnly = 'offer' in kind;
  const judged = asksOnly ? ['offer', kind.offer] : ['lease', kind.pool.first, kind.pool.last];
  const mac = `mac=00:0c:${(run & 255).toString(16).padStart(2, '0')}:00:00:01`;
  const numbers = { r: rate, R: CLIENTS, p: seconds, W: WAIT_US };
  const options = [
    '-4',
    ...Object.entries(numbers).flatMap(([name, value]) => [`-${name}`, String(value)]),
    '-b',
    mac,
    '-l',
    FOREIGN_INTERFACE,
    ...(asksOnly ? ['-i', ...PXE_OPTIONS] : []),
  ];
  const before = await server.meter.seconds();
  const out = await runCommand(
    inNamespace(client.namespace, [
      client.judge,
      FOREIGN_INTERFACE,
      SERVER_ADDRESS,
      ...judged,
      '--',
      'perfdhcp',
      ...options,
      SERVER_ADDRESS,
    ]),
  );
  const cpu = (await server.meter.seconds()) - before;
  const counts = Judged.parse(JSON.parse(out.trimEnd().split('\n').at(-1) ?? ''));
  const perSecond = Number(/^Rate: ([\d.]+) /m.exec(out)?.[1]);
  const finished = perSecond * (seconds + WAIT_US / 1e6);
  return {
    ...counts,
    perSecond,
    cpuMicroseconds: (cpu * 1e6) / finished,
    askedPerSecond: counts.discovers / seconds,
  };
}
