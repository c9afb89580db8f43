/** What the proxyDHCP server decides of machines of a planted site: all that it tells them, and of them. */
import { readFileSync } from 'node:fs';
import { benchInterface, benchPool, selecting } from './dhcp/bench/bench.testing.ts';
import { makeBenchServer } from './dhcp/bench/bench-server.ts';
import type { Watch } from './dhcp/bench/watch.ts';
import { option, options } from './dhcp/options.ts';
import { type DhcpOption, type DhcpPacket, formatPacket, parsePacket } from './dhcp/packet.ts';
import { type Arrival, type Decision, decide } from './dhcp/proxy.ts';
import { makeDeviceTable } from './netboot/device-table.ts';
import type { NetbootSnapshot } from './netboot/snapshot.ts';
import type { Store } from './store/operations.ts';

/** Packets of firmware as they were captured. */
const captured = [
  'ovmf-discover',
  'ovmf-http-discover',
  'ovmf-request',
  'ovmf-proxy-request',
  'ipxe-bios-discover',
  'dnsmasq-offer',
] as const;
type MessageType = NonNullable<ReturnType<typeof options.messageType.codec.parse>>;
const own = { name: 'br0', address: '10.77.0.1', netmask: '255.255.255.0' };
const arrivals: readonly Arrival[] = [
  { interface: own, port: 'dhcp', from: { address: '0.0.0.0', port: 68 } },
  { interface: own, port: 'proxy', from: { address: '10.77.0.58', port: 4011 } },
];

/** A machine by what firmware says of it. */
export interface PlantedMachine {
  readonly mac: string;
  readonly guid: string;
}

/** One decision, with the bytes that it sends; none where it is silent. */
export interface PlantedDecision {
  readonly kind: Decision['kind'] | 'bench';
  readonly told: string;
  readonly bytes: Uint8Array;
}

/** Decides by what the store says now, for each kind of packet from each machine and one that nobody knows. */
export async function plantedDecisions(
  store: Store,
  machines: readonly PlantedMachine[],
  nowMs: number,
): Promise<readonly PlantedDecision[]> {
  const frame = await store.netboot.frame({
    revision: 1,
    interfaces: [own],
    bootImages: new Set(['uefi-x64', 'http-x64', 'bios']),
    ports: { bootHttp: 7480 },
    nowMs,
  });
  const table = makeDeviceTable();
  const slice = await store.netboot.slice({ after: '', nowMs });
  for (const device of slice.devices) table.put(device);
  const snapshot = { ...frame, answerOn: [own], byMac: table.byMac, byGuid: table.byGuid };
  const unknown = { mac: '02:00:00:00:0f:ff', guid: '31111111-2222-3333-4444-5555555555ff' };
  const decided: Decision[] = [];
  for (const machine of [...machines, unknown])
    for (const name of captured)
      for (const arrival of arrivals)
        decided.push(decide(packetOf(name, machine), snapshot, arrival));
  return [
    ...decided.map((decision) => ({
      kind: decision.kind,
      told: JSON.stringify(decision),
      bytes: 'reply' in decision ? formatPacket(decision.reply) : new Uint8Array(),
    })),
    ...(await granted(snapshot, [...machines, unknown])),
  ];
}

/** No other server is on the wire. */
const servingWatch: Watch = {
  isServing: () => true,
  isOn: () => true,
  isOwn: () => false,
  start() {},
  stop() {},
  close() {},
};

/** What the DHCP server of an isolated bench sends the same machines, and tells of it. */
async function granted(
  site: NetbootSnapshot,
  machines: readonly PlantedMachine[],
): Promise<PlantedDecision[]> {
  const bench = { pools: [benchPool({ last: '10.9.0.99', domain: 'bench.example' })] };
  const snapshot = { ...site, bench: { ...bench, reservations: [] } };
  const found: PlantedDecision[] = [];
  const tell = (told: unknown, bytes: Uint8Array = new Uint8Array()) =>
    found.push({ kind: 'bench', told: JSON.stringify(told), bytes });
  const server = makeBenchServer({
    snapshot: () => snapshot,
    write: async () => {},
    onReport: tell,
    now: () => 1,
    watch: () => servingWatch,
  });
  server.load([]);
  let sent: DhcpPacket[] = [];
  const send = (packet: DhcpPacket) => {
    sent.push(packet);
    tell(packet, formatPacket(packet));
  };
  server.open(benchInterface, send);
  const from = { address: '0.0.0.0', port: 68 };
  const arrival: Arrival = { interface: benchInterface, port: 'dhcp', from };
  const say = async (packet: DhcpPacket, more: readonly DhcpOption[], type: MessageType) => {
    sent = [];
    const set = [option(options.messageType, type), ...more];
    const codes = new Set(set.map(({ code }) => code));
    const others = packet.options.filter(({ code }) => !codes.has(code) && code !== 54);
    const request = { ...packet, options: [...others, ...set] };
    server.receive(request, arrival, { send, onAnswer: tell });
    await new Promise((resolve) => setImmediate(resolve));
    return sent[0];
  };
  for (const machine of machines) {
    const packet = packetOf('ovmf-discover', machine);
    const { yiaddr = '' } = (await say(packet, [], 'discover')) ?? {};
    for (const address of [yiaddr, '10.9.0.250'])
      await say(packet, selecting(benchInterface.address, address), 'request');
    await say({ ...packet, ciaddr: yiaddr }, [], 'inform');
    await say({ ...packet, ciaddr: yiaddr }, [], 'release');
  }
  return found;
}

/** The captured packet, as if another machine had sent it. */
function packetOf(name: (typeof captured)[number], { mac, guid }: PlantedMachine): DhcpPacket {
  const hex = readFileSync(new URL(`dhcp/testdata/${name}.hex`, import.meta.url), 'utf8').trim();
  const packet = parsePacket(Buffer.from(hex, 'hex'));
  const chaddr = new Uint8Array(16);
  chaddr.set(Buffer.from(mac.replaceAll(':', ''), 'hex'));
  const others = packet.options.filter(({ code }) => code !== 97);
  return { ...packet, chaddr, options: [...others, guidOption(guid)] };
}

/** Option 97: a zero, then the GUID with its first three fields little-endian. */
function guidOption(guid: string) {
  const bytes = Buffer.from(guid.replaceAll('-', ''), 'hex');
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return { code: 97, value: Buffer.concat([Buffer.of(0), bytes]) };
}
