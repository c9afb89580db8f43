import { randomBytes, randomInt } from 'node:crypto';
import { discoverPacket } from '../discover.ts';
import type { DhcpPacket } from '../packet.ts';
import type { Endpoint } from '../proxy.ts';

/** Whether a bench's DHCP server grants addresses on an interface, as it is reported. */
export interface BenchState {
  readonly state: 'listening' | 'serving' | 'stopped' | 'off';
  /** A whole sentence. */
  readonly reason: string;
  /** The other server that stopped it. */
  readonly server: string | null;
}

/** One interface: first it asks for other DHCP servers, then it serves and goes on asking. */
export interface Watch {
  /** Whether addresses are granted now. */
  isServing(): boolean;
  /** Whether another server would stop it. */
  isOn(): boolean;
  /** Whether a request is one of its own questions. */
  isOwn(request: Pick<DhcpPacket, 'chaddr'>): boolean;
  start(): void;
  stop(): void;
  close(): void;
}

/** Two questions, and time for the answers: servers that look for conflicts first answer late. */
const QUESTIONS_MS = [0, 1000] as const;
const LISTEN_MS = 2500;
/** A server that is plugged in later, where no machine asks, is found within this time. */
const ASK_EVERY_MS = 10_000;
/** So often is looked whether there is a pool now. */
const LOOK_EVERY_MS = 500;

/** Starts watching an interface. The questions are DHCPDISCOVERs of an address that is nobody's. */
export function makeWatch(settings: {
  /** Whether there is a pool for this interface. */
  readonly isWanted: () => boolean;
  readonly send: (packet: DhcpPacket, to: Endpoint) => void;
  readonly onState: (state: BenchState) => void;
}): Watch {
  const { isWanted, send, onState } = settings;
  const mac = Uint8Array.of(0x02, ...randomBytes(5));
  let state: 'off' | 'listening' | 'serving' | 'stopped' = 'off';
  let timers: NodeJS.Timeout[] = [];

  const ask = (): void =>
    send(discoverPacket({ xid: randomInt(2 ** 32), mac, boots: false }), {
      address: '255.255.255.255',
      port: 67,
    });
  const clear = (): void => {
    for (const timer of timers) clearTimeout(timer);
    timers = [];
  };
  const listen = (): void => {
    state = 'listening';
    onState({ state, reason: 'Other DHCP servers are listened for.', server: null });
    timers = [...QUESTIONS_MS.map((ms) => setTimeout(ask, ms)), setTimeout(serve, LISTEN_MS)];
  };
  const serve = (): void => {
    state = 'serving';
    timers = [setInterval(ask, ASK_EVERY_MS)];
    onState({ state, reason: 'Addresses are granted.', server: null });
  };
  const look = (): void => {
    const wanted = isWanted();
    if (wanted && state === 'off') listen();
    if (wanted || state === 'off' || state === 'stopped') return;
    clear();
    state = 'off';
    onState({ state, reason: 'There is no pool of addresses.', server: null });
  };
  const looking = setInterval(look, LOOK_EVERY_MS);
  look();

  return {
    isServing: () => state === 'serving',
    isOn: () => state === 'serving' || state === 'listening',
    isOwn: (request) => Buffer.compare(request.chaddr.subarray(0, 6), mac) === 0,
    start() {
      if (state !== 'stopped') return;
      state = 'off';
      look();
    },
    stop() {
      clear();
      state = 'stopped';
    },
    close() {
      clear();
      clearInterval(looking);
      if (state !== 'off')
        onState({ state: 'off', reason: 'The interface is gone.', server: null });
      state = 'off';
    },
  };
}
