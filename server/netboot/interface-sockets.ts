import type { BenchServer } from '../dhcp/bench/bench-server.ts';
import { openProxySocket } from '../dhcp/socket.ts';
import type { BootFiles } from '../tftp/boot-files.ts';
import { openTftpServer } from '../tftp/socket.ts';
import type { TransferPump } from '../tftp/transfer-pump.ts';
import type { DatagramPorts } from './datagram-ports.ts';
import { interfaceIndex, SocketError } from './ffi-socket.ts';
import type { MachineFiles } from './machine-files.ts';
import type { NetbootInterface, NetbootReport, NetbootSnapshot } from './snapshot.ts';

/** UDP ports; others than the standard ones are for tests. */
export interface NetbootPorts {
  readonly dhcp: number;
  readonly proxy: number;
  readonly tftp: number;
  /** Where other servers' broadcasts are heard. */
  readonly dhcpClient: number;
}
/** What all sockets share. */
export interface SocketsContext {
  readonly ports: NetbootPorts;
  readonly snapshot: () => NetbootSnapshot;
  readonly files: () => BootFiles;
  readonly machines: MachineFiles;
  readonly bench: BenchServer;
  readonly pump: TransferPump | undefined;
  readonly datagramPorts: DatagramPorts;
  readonly onReport: (report: NetbootReport) => void;
  readonly now: () => number;
}

interface Closable {
  close(): void;
}

interface Service {
  readonly port: number;
  readonly open: () => Promise<Closable>;
}

/**
 * The sockets of one interface. Each is opened by itself: a port in use costs that service only, is
 * reported once, and is tried again at each `check`. So is an interface that went away and came back,
 * which is told by its index: a socket of the old one would wait for ever.
 */
export class InterfaceSockets {
  readonly #interface: NetbootInterface;
  readonly #context: SocketsContext;
  readonly #open = new Map<string, Closable>();
  readonly #reported = new Map<string, string>();
  #index: number | undefined;
  #closed = false;

  constructor(on: NetbootInterface, context: SocketsContext) {
    this.#interface = on;
    this.#context = context;
  }

  isFor(on: NetbootInterface): boolean {
    const { name, address, netmask } = this.#interface;
    return name === on.name && address === on.address && netmask === on.netmask;
  }

  /** Opens what is not open. Never throws: what fails is reported. */
  async check(): Promise<void> {
    const index = interfaceIndex(this.#interface.name);
    if (index !== this.#index) this.#closeSockets();
    this.#index = index;
    for (const [service, { open: openIt }] of this.#services()) {
      if (this.#open.has(service)) continue;
      try {
        const opened = await openIt();
        if (this.#closed) {
          opened.close();
          continue;
        }
        this.#open.set(service, opened);
        this.#reported.delete(service);
        this.#reportState(service, 'open');
      } catch (error) {
        this.#reportOnce(service, error);
      }
    }
  }

  close(): void {
    this.#closed = true;
    for (const service of new Set([...this.#open.keys(), ...this.#reported.keys()]))
      this.#reportState(service, 'gone');
    this.#closeSockets();
  }

  #closeSockets(): void {
    for (const socket of this.#open.values()) socket.close();
    this.#open.clear();
  }

  #services(): ReadonlyMap<string, Service> {
    const { ports, snapshot, files, machines, pump, onReport, now, bench, datagramPorts } =
      this.#context;
    const on = this.#interface;
    const onSent = machines.noteSent;
    const shared = { interface: on, snapshot, onReport, onSent, now, bench, datagramPorts };
    const dhcp = (port: number, role: 'dhcp' | 'proxy' | 'listen'): Service => ({
      port,
      open: () => openProxySocket({ ...shared, port, role }),
    });
    const tftp = (): Promise<Closable> =>
      openTftpServer({
        interface: on,
        port: ports.tftp,
        files,
        find: machines.find,
        pump,
        onTransfer: (report) => {
          onReport({ kind: 'transfer', atMs: now(), ...report });
          const loader = machines.noteTransfer(report);
          if (loader !== undefined) onReport({ kind: 'loader', atMs: now(), ...loader });
        },
      });
    return new Map([
      ['DHCP', dhcp(ports.dhcp, 'dhcp')],
      ['proxyDHCP', dhcp(ports.proxy, 'proxy')],
      ['DHCP ear', dhcp(ports.dhcpClient, 'listen')],
      ['TFTP', { port: ports.tftp, open: tftp }],
    ]);
  }

  #subject(service: string): string {
    return `${this.#interface.name} ${service}`;
  }

  #reportState(service: string, state: 'open' | 'gone'): void {
    const { now, onReport } = this.#context;
    const address = `${this.#interface.address}:${this.#services().get(service)?.port ?? 0}`;
    const subject = this.#subject(service);
    onReport({ kind: 'socket-state', atMs: now(), subject, state, address });
  }

  #reportOnce(service: string, error: unknown): void {
    const code = error instanceof SocketError ? error.code : 'netboot.socket';
    const message = error instanceof Error ? error.message : String(error);
    const hint = error instanceof SocketError ? ` ${error.hint}` : '';
    if (this.#reported.get(service) === code) return;
    this.#reported.set(service, code);
    const reason = `${service} is not answered on ${this.#interface.name}: ${message}.${hint}`;
    const { now, onReport } = this.#context;
    const subject = this.#subject(service);
    onReport({ kind: 'socket-error', atMs: now(), code, reason, subject });
  }
}
