import type { RemoteInfo, Socket } from 'node:dgram';
import { isBootProbe } from '#boot/boot-probes.ts';
import { openUdpSocket } from '../netboot/ffi-socket.ts';
import type { BootFile, NetbootInterface } from '../netboot/snapshot.ts';
import { WireError } from '../wire-error.ts';
import { type BootFiles, sizeOf } from './boot-files.ts';
import { normalizeName } from './name.ts';
import { negotiate } from './negotiate.ts';
import { formatPacket, parsePacket, type TftpRequest, tftpError } from './packet.ts';
import { Session, type TransferEnd } from './session.ts';
import { STEPS, StepDowns, stepDown } from './step-down.ts';
import { peerKey, sendTo } from './transfer-port.ts';
import { makeTransferPorts } from './transfer-ports.ts';
import type { TransferPump } from './transfer-pump.ts';

/** What a TFTP server needs, and whom it tells. */
export interface TftpSettings {
  readonly interface: Pick<NetbootInterface, 'address'> & { readonly name: string | undefined };
  readonly port: number;
  /** The files of this moment; asked at each request. */
  readonly files: () => BootFiles;
  /** What a name is to one client; by the map of files alone when this is left out. */
  readonly find?: (name: string, client: string) => FoundFile;
  readonly onTransfer: (report: TransferReport) => void;
  /** What reads and writes the transfers' sockets of this thread; dgram does where it is left out. */
  readonly pump?: TransferPump | undefined;
}
/** `expected`: boot loaders ask for it and do without, so that it is no fault. */
export type FoundFile =
  | { readonly kind: 'file'; readonly name: string; readonly file: BootFile }
  | { readonly kind: 'absent'; readonly expected: boolean };
export interface TransferReport {
  readonly client: string;
  readonly file: string;
  readonly outcome: 'started' | 'finished' | 'failed' | 'absent';
  readonly bytes: number;
  readonly reason: string;
}
export interface TftpServer {
  /** The port it listens on. */
  readonly port: number;
  close(): void;
}

/** Firmware keeps one or two open, GRUB up to four; but a whole site may sit behind one address. */
const MOST_TRANSFERS_OF_A_CLIENT = 2048;
const MOST_TRANSFERS = 4096;

/** Serves the files over TFTP on one interface (RFC 1350). Read only. @throws {SocketError} */
export async function openTftpServer(settings: TftpSettings): Promise<TftpServer> {
  const { address, name: device } = settings.interface;
  const socket = await openUdpSocket({ address, device, port: settings.port });
  const ports = makeTransferPorts({ address, device }, settings.pump);
  const sessions = new Map<string, { readonly request: string; readonly session: Session }>();
  /** How many each address has. */
  const ofClient = new Map<string, number>();
  const count = (client: string, more: 1 | -1): void => {
    const now = (ofClient.get(client) ?? 0) + more;
    if (now === 0) ofClient.delete(client);
    else ofClient.set(client, now);
  };

  const answerError = (from: RemoteInfo, code: number, message: string): void => {
    const error = formatPacket({ op: 'error', code, message });
    sendTo(socket, error, from).catch(() => undefined);
  };
  const refuse = (from: RemoteInfo, file: string, code: number, message: string): void => {
    answerError(from, code, message);
    const reason = `Refused: ${message}.`;
    settings.onTransfer({ client: from.address, file, outcome: 'failed', bytes: 0, reason });
  };
  const find = settings.find ?? ((name: string) => findByName(settings.files(), name));

  const steps = new StepDowns();
  /** A socket is being opened for these: a request repeated meanwhile is not another one. */
  const starting = new Set<string>();

  const start = async (request: TftpRequest, text: string, from: RemoteInfo): Promise<void> => {
    const shown = printable(request.file);
    const name = normalizeName(request.file);
    if (name.kind === 'refused') return refuse(from, shown, name.code, name.message);
    // "mail" and "netascii" would change the bytes of a program; no firmware asks for them.
    if (request.mode !== 'octet') {
      const message = `mode ${printable(request.mode)} is not served, only octet`;
      return refuse(from, shown, tftpError.illegalOperation, message);
    }
    const files = settings.files();
    const found = find(name.name, from.address);
    if (found.kind === 'absent') {
      const message = `there is no file ${shown}`;
      if (!found.expected) return refuse(from, shown, tftpError.notFound, message);
      answerError(from, tftpError.notFound, message);
      const reason = 'Boot loaders ask for it and do without.';
      const absent = { file: shown, outcome: 'absent', bytes: 0, reason } as const;
      return settings.onTransfer({ client: from.address, ...absent });
    }
    const { file } = found;
    const peer = { address: from.address, port: from.port };
    const key = peerKey(peer);
    const open = ofClient.get(from.address) ?? 0;
    if (sessions.size >= MOST_TRANSFERS || open >= MOST_TRANSFERS_OF_A_CLIENT) {
      return refuse(from, shown, tftpError.undefined, 'too many transfers at once');
    }
    const step = steps.stepOf(from.address, performance.now());
    const negotiated = negotiate(stepDown(request.options, step), sizeOf(file));
    const { blockSize, windowSize } = negotiated;
    const release = files.acquire();
    const port = await ports.portFor(peer, blockSize + 4, windowSize).catch((error: unknown) => {
      release();
      throw error;
    });
    const report = { client: from.address, file: found.name };
    const onEnd = (end: TransferEnd): void => {
      sessions.delete(key);
      count(from.address, -1);
      release();
      const { mayManageLess, ...told } = end;
      if (mayManageLess) steps.failed(from.address, step, performance.now());
      settings.onTransfer({ ...report, ...told });
    };
    const session = new Session({ peer, port, file, files, settings: negotiated, onEnd });
    sessions.set(key, { request: text, session });
    count(from.address, 1);
    const after =
      step === 0 ? '' : ` A transfer failed before: step ${step} of ${STEPS.length - 1} down.`;
    const reason = `Blocks of ${blockSize} bytes, ${windowSize} at a time.${after}`;
    settings.onTransfer({ ...report, outcome: 'started', bytes: 0, reason });
    session.handle({ kind: 'start' });
  };

  socket.on('message', (datagram, from) => {
    try {
      const packet = parsePacket(datagram);
      if (packet.op === 'wrq') {
        const message = 'nothing can be written here';
        refuse(from, printable(packet.file), tftpError.accessViolation, message);
      }
      if (packet.op !== 'rrq') return;
      const text = datagram.toString('latin1');
      const running = sessions.get(peerKey(from));
      if (running?.request === text) {
        running.session.handle({ kind: 'requested-again' });
        return;
      }
      running?.session.abort('The client began another transfer from the same port.');
      const key = peerKey(from);
      if (starting.has(key)) return;
      starting.add(key);
      start(packet, text, from)
        .catch((error: unknown) => {
          const message = error instanceof Error ? error.message : String(error);
          refuse(from, printable(packet.file), tftpError.undefined, message);
        })
        .finally(() => starting.delete(key));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      // Not even an opcode: nobody to answer. A request that is cut or garbled is told so.
      if (datagram[1] !== 1 && datagram[1] !== 2) return;
      refuse(from, '(unreadable)', tftpError.illegalOperation, error.message);
    }
  });
  socket.on('error', () => undefined);

  return { port: portOf(socket), close: () => closeAll(socket, sessions, ports) };
}

function findByName(files: BootFiles, name: string): FoundFile {
  const file = files.find(name);
  return file === undefined
    ? { kind: 'absent', expected: isBootProbe(name) }
    : { kind: 'file', name, file };
}

function closeAll(
  socket: Socket,
  sessions: ReadonlyMap<string, { readonly session: Session }>,
  ports: { close(): void },
): void {
  socket.close();
  for (const { session } of sessions.values()) session.abort('The server closes.');
  ports.close();
}

function portOf(socket: Socket): number {
  return socket.address().port;
}

/** For logs and error texts: at most 80 characters, none of them a control character. */
function printable(text: string): string {
  const short = text.length > 80 ? `${text.slice(0, 80)}...` : text;
  return short.replaceAll(/[^\u0020-\u007e]/g, '?');
}
