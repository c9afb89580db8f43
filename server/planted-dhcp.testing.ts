/** What the proxyDHCP server decides of machines of a planted site: all that it tells them, and of them. */
import { readFileSync } from 'node:fs';
import { type DhcpPacket, formatPacket, parsePacket } from './dhcp/packet.ts';
import { type Arrival, type Decision, decide } from './dhcp/proxy.ts';
import { makeDeviceTable } from './netboot/device-table.ts';
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
  readonly kind: Decision['kind'];
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
  return decided.map((decision) => ({
    kind: decision.kind,
    told: JSON.stringify(decision),
    bytes: 'reply' in decision ? formatPacket(decision.reply) : new Uint8Array(),
  }));
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
