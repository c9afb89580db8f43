import type { RemoteInfo, Socket } from 'node:dgram';
import { openUdpSocket } from '../netboot/ffi-socket.ts';
import type {
  BootPlace,
  NetbootInterface,
  NetbootReport,
  NetbootSnapshot,
  SentBoot,
} from '../netboot/snapshot.ts';
import { WireError } from '../wire-error.ts';
import { heardServer } from './heard-server.ts';
import { options, rawOption } from './options.ts';
import { type DhcpPacket, formatPacket, parsePacket } from './packet.ts';
import { type Answer, type Arrival, type Decision, decide } from './proxy.ts';
import { readRelayAgentInformation } from './values/relay-agent-information.ts';

type BootDecision = Extract<NetbootReport, { kind: 'decision' }>;

/** What the DHCP side of one interface needs, and whom it tells. */
export interface ProxySettings {
  readonly interface: NetbootInterface;
  readonly port: number;
  readonly role: Arrival['port'] | 'listen';
  readonly snapshot: () => NetbootSnapshot;
  readonly onReport: (report: NetbootReport) => void;
  /** A machine, whose address is known, was told what to boot. */
  readonly onSent: (address: string, decision: Answer) => void;
  readonly now: () => number;
}

/**
 * Opens one port of one interface: `dhcp` (67) hears broadcasts and relays, `proxy` (4011) clients that
 * have their address, `listen` (68) only hears what other servers broadcast.
 * @throws {SocketError}
 */
export async function openProxySocket(settings: ProxySettings): Promise<{ close(): void }> {
  const { interface: on, port, role } = settings;
  const socket = await openUdpSocket({
    // Bound to the broadcast address a socket gets broadcasts alone: unicast answers to this host's own
    // DHCP client are left to it.
    address: role === 'listen' ? '255.255.255.255' : '0.0.0.0',
    port,
    device: on.name,
    shared: role !== 'proxy',
  });
  socket.on('message', (datagram, from) => {
    try {
      receive(settings, socket, datagram, from);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      reportUnreadable(settings, datagram, error);
    }
  });
  socket.on('error', () => undefined);
  return { close: () => socket.close() };
}

function receive(
  settings: ProxySettings,
  socket: Socket,
  datagram: Uint8Array,
  from: RemoteInfo,
): void {
  const { interface: on, role, now, onReport } = settings;
  const arrivedMs = performance.now();
  const packet = parsePacket(datagram);
  const snapshot = settings.snapshot();
  const own = new Set(snapshot.answerOn.map(({ address }) => address));
  const heard = heardServer(packet, own);
  if (heard !== undefined) {
    onReport({ kind: 'heard-server', atMs: now(), interfaceName: on.name, ...heard });
  }
  if (role === 'listen') return;
  const endpoint = { address: from.address, port: from.port };
  const decision = decide(packet, snapshot, { interface: on, port: role, from: endpoint });
  if (decision.kind !== 'ignore') {
    // Only an ACK goes to one address: that of the client, also behind a relay.
    if (decision.kind === 'ack' && packet.ciaddr !== '0.0.0.0')
      settings.onSent(packet.ciaddr, decision);
    const bytes = formatPacket(decision.reply);
    const { port, address } = decision.to;
    socket.send(bytes, 0, bytes.length, port, address, (error) => {
      if (error === null) return;
      onReport({
        kind: 'socket-error',
        atMs: now(),
        code: 'netboot.send',
        reason: `The answer to ${address}:${port} on ${on.name} could not be sent: ${error.message}.`,
      });
    });
  }
  const tookMs = performance.now() - arrivedMs;
  report(settings, decision, {
    tookMs,
    ...(role === 'dhcp' ? { place: placeOf(packet, on) } : {}),
  });
}

function placeOf(packet: DhcpPacket, { name }: NetbootInterface): BootPlace {
  const { circuitId, remoteId } = readRelayAgentInformation(
    rawOption(packet, options.relayAgentInformation) ?? new Uint8Array(),
  );
  const relay = packet.giaddr === '0.0.0.0' ? null : packet.giaddr;
  return { interfaceName: name, relay, port: circuitId, switchId: remoteId };
}

function report(
  { interface: on, now, onReport }: ProxySettings,
  decision: Decision,
  more: Pick<BootDecision, 'place' | 'tookMs'>,
): void {
  const { client } = decision;
  // Plain DHCP clients are none of ours, and there are many.
  if (client === null) return;
  onReport({
    kind: 'decision',
    atMs: now(),
    interfaceName: on.name,
    mac: client.mac ?? '',
    guid: client.guid,
    architecture: client.architecture,
    outcome: decision.kind === 'ignore' ? 'silent' : 'answered',
    reason: decision.reason,
    boot: decision.kind === 'ignore' ? null : sentBoot(decision.choice),
    ...more,
    ...(decision.kind === 'ignore' || decision.offer === undefined
      ? {}
      : { offer: decision.offer }),
  });
}

function sentBoot({ image, chain, boot, file }: Answer['choice']): SentBoot {
  return { image, chain, signer: boot?.signer ?? null, file };
}

/** Garbage is dropped in silence, unless a boot client sent it: then someone waits for an answer. */
function reportUnreadable(settings: ProxySettings, datagram: Uint8Array, error: WireError): void {
  const { interface: on, now, onReport, role } = settings;
  const bytes = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.length);
  if (role === 'listen' || !/PXEClient|HTTPClient/.test(bytes.toString('latin1'))) return;
  onReport({
    kind: 'decision',
    atMs: now(),
    interfaceName: on.name,
    mac: bytes.toString('hex', 28, 34).replaceAll(/(..)(?!$)/g, '$1:'),
    guid: null,
    architecture: 'unreadable',
    outcome: 'silent',
    reason: `Its packet cannot be read: ${error.message} (${error.code}).`,
    boot: null,
  });
}
