import type { DatagramPort, DatagramPorts } from '../netboot/datagram-ports.ts';
import type {
  BootPlace,
  NetbootInterface,
  NetbootReport,
  NetbootSnapshot,
  SentBoot,
} from '../netboot/snapshot.ts';
import { WireError } from '../wire-error.ts';
import type { BenchAnswer, BenchServer } from './bench/bench-server.ts';
import { heardServer } from './heard-server.ts';
import { options, rawOption } from './options.ts';
import { type DhcpPacket, formatPacket, parsePacket, UNSPECIFIED } from './packet.ts';
import { type Answer, type Arrival, type Decision, decide, type Endpoint } from './proxy.ts';
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
  readonly onSent: (address: string, decision: Pick<Answer, 'client' | 'choice'>) => void;
  readonly now: () => number;
  /** Of benches, where it grants addresses; proxyDHCP answers everywhere else. */
  readonly bench: BenchServer;
  readonly datagramPorts: DatagramPorts;
}
type Send = (packet: DhcpPacket, to: Endpoint) => void;

/**
 * Opens one port of one interface: `dhcp` (67) hears broadcasts and relays, `proxy` (4011) clients that
 * have their address, `listen` (68) only hears what other servers broadcast.
 * @throws {SocketError}
 */
export async function openProxySocket(settings: ProxySettings): Promise<{ close(): void }> {
  const { interface: on, port, role, now, onReport } = settings;
  const opened: DatagramPort = await settings.datagramPorts.open({
    // Bound to the broadcast address a socket gets broadcasts alone: unicast answers to this host's own
    // DHCP client are left to it.
    address: role === 'listen' ? '255.255.255.255' : '0.0.0.0',
    port,
    device: on.name,
    shared: role !== 'proxy',
    onDatagram(datagram, from) {
      try {
        receive(settings, send, datagram, from);
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        reportUnreadable(settings, datagram, error);
      }
    },
    onSendError: ({ message }, to) =>
      onReport({
        kind: 'socket-error',
        atMs: now(),
        code: 'netboot.send',
        reason: `The answer to ${to.address}:${to.port} on ${on.name} could not be sent: ${message}.`,
      }),
  });
  const send: Send = (packet, to) => opened.send(formatPacket(packet), to);
  const bench = role === 'dhcp' ? settings.bench.open(on, send) : undefined;
  return {
    close: () => {
      bench?.close();
      opened.close();
    },
  };
}

function receive(settings: ProxySettings, send: Send, datagram: Uint8Array, from: Endpoint): void {
  const { interface: on, role, now, onReport } = settings;
  const arrivedMs = performance.now();
  const packet = parsePacket(datagram);
  const snapshot = settings.snapshot();
  const own = new Set(snapshot.answerOn.map(({ address }) => address));
  const heard = heardServer(packet, own);
  if (heard !== undefined) {
    onReport({ kind: 'heard-server', atMs: now(), interfaceName: on.name, ...heard });
    settings.bench.heard(on, heard, packet);
  }
  if (role === 'listen') return;
  const arrival: Arrival = { interface: on, port: role, from };
  if (role === 'dhcp' && settings.bench.takes(packet, on)) {
    settings.bench.receive(packet, arrival, {
      send,
      onAnswer: (answer) => reportBench(settings, answer, { packet, arrivedMs }),
    });
    return;
  }
  const decision = decide(packet, snapshot, arrival);
  if (decision.kind !== 'ignore') {
    // Only an ACK goes to one address: that of the client, also behind a relay.
    if (decision.kind === 'ack' && packet.ciaddr !== UNSPECIFIED)
      settings.onSent(packet.ciaddr, decision);
    const { offerDelayMs = 0 } = snapshot;
    if (offerDelayMs === 0 || role === 'proxy') send(decision.reply, decision.to);
    else sendLater(() => send(decision.reply, decision.to), offerDelayMs);
  }
  const tookMs = performance.now() - arrivedMs;
  report(settings, decision, {
    tookMs,
    ...(role === 'dhcp' ? { place: placeOf(packet, on) } : {}),
  });
}

/** Offers that wait; more are not taken on, clients ask again. */
const MOST_DELAYED = 5000;
let delayed = 0;

function sendLater(send: () => void, ms: number): void {
  if (delayed >= MOST_DELAYED) return;
  delayed += 1;
  setTimeout(() => {
    delayed -= 1;
    send();
  }, ms);
}

/** What a bench's machine was told, as other machines' boots are. */
function reportBench(
  settings: ProxySettings,
  { client, boot, reason, address }: BenchAnswer,
  { packet, arrivedMs }: { readonly packet: DhcpPacket; readonly arrivedMs: number },
): void {
  if (boot.kind === 'boot' && address !== null)
    settings.onSent(address, { client, choice: boot.choice });
  const place = placeOf(packet, settings.interface);
  const tookMs = performance.now() - arrivedMs;
  const sent = boot.kind === 'boot' ? boot : undefined;
  tellDecision(settings, client, {
    boot: sent,
    answered: boot.kind !== 'none',
    reason,
    place,
    tookMs,
  });
}

function placeOf(packet: DhcpPacket, { name }: NetbootInterface): BootPlace {
  const { circuitId, remoteId } = readRelayAgentInformation(
    rawOption(packet, options.relayAgentInformation) ?? new Uint8Array(),
  );
  const relay = packet.giaddr === UNSPECIFIED ? null : packet.giaddr;
  return { interfaceName: name, relay, port: circuitId, switchId: remoteId };
}

function report(
  settings: ProxySettings,
  decision: Decision,
  more: Pick<BootDecision, 'place' | 'tookMs'>,
): void {
  const { client, reason } = decision;
  // Plain DHCP clients are none of ours, and there are many.
  if (client === null) return;
  const boot = 'choice' in decision ? decision : undefined;
  const isRefused = decision.kind === 'disk' && decision.refused;
  const answered = decision.kind !== 'ignore' && !isRefused;
  tellDecision(settings, client, { boot, answered, reason, ...more });
}

function tellDecision(
  { interface: on, now, onReport }: ProxySettings,
  client: Answer['client'],
  {
    boot,
    answered,
    reason,
    ...more
  }: Pick<BootDecision, 'place' | 'tookMs' | 'reason'> & {
    readonly boot: Pick<Answer, 'choice' | 'offer'> | undefined;
    /** Also where it was sent to its disk. */
    readonly answered: boolean;
  },
): void {
  onReport({
    kind: 'decision',
    atMs: now(),
    interfaceName: on.name,
    mac: client.mac ?? '',
    guid: client.guid,
    architecture: client.architecture,
    outcome: answered ? 'answered' : 'silent',
    reason,
    boot: boot === undefined ? null : sentBoot(boot.choice),
    ...more,
    ...(boot?.offer === undefined ? {} : { offer: boot.offer }),
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
