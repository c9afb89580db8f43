import type { BootSigner } from '#boot/boot-image-facts.ts';
import type { LoaderOutcome } from '#boot/signer-choice.ts';
import type { WindowsBoot } from '#boot/windows-tree.ts';

/** By what a machine's Secure Boot is remembered: the board's GUID, else an adapter. */
export function machineKey(machine: {
  readonly guid: string | null;
  readonly mac: string | null;
}): string | null {
  return machine.guid ?? machine.mac;
}

/** A machine as its Secure Boot is remembered. */
export interface RememberedMachine {
  /** `machineKey`. */
  readonly machine: string;
  /** Null for hardware that is no Ethernet. Many records of devices have no more. */
  readonly mac: string | null;
}

/** What came of a boot manager that a machine was given. */
export interface LoaderReport extends RememberedMachine {
  readonly image: string;
  readonly signer: BootSigner;
  readonly outcome: LoaderOutcome;
}

/** Longer than any machine takes from its network boot program to the end of `boot.wim`. */
const LIFE_MS = 60 * 60 * 1000;
/** Addresses are invented easily; the oldest goes. */
const MOST_CLIENTS = 4096;
/** A boot manager that starts asks for its configuration data within seconds. */
const SILENCE_MS = 60_000;

interface Client {
  readonly boot: WindowsBoot;
  /** Null where only its address is known: then nothing is learned of its Secure Boot. */
  readonly machine: RememberedMachine | null;
  readonly seenMs: number;
  /** When the boot manager was fetched whole; null before, and once anything was asked for after it. */
  readonly loaderMs: number | null;
}

/**
 * Which client address was sent to which boot image. All boot managers ask for `\Boot\BCD`, each must get
 * that of its own image, and a request of TFTP has nothing but an address. It also notices which boot managers
 * were fetched and never ran. Reads no clock.
 */
export class WindowsClients {
  readonly #clients = new Map<string, Client>();

  /** DHCP has told a machine, whose address is known, where to start from. */
  sent(address: string, boot: WindowsBoot, machine: RememberedMachine | null, nowMs: number): void {
    this.#set(address, { boot, machine, seenMs: nowMs, loaderMs: null });
  }

  /** A client asks for the network boot program of this boot. */
  fetches(address: string, boot: WindowsBoot, nowMs: number): void {
    const before = this.#of(address, nowMs);
    const machine = before?.boot.image === boot.image ? before.machine : null;
    this.#set(address, { boot, machine, seenMs: nowMs, loaderMs: null });
  }

  /** It starts something else: another machine may have this address now. */
  forget(address: string): void {
    this.#clients.delete(address);
  }

  bootOf(address: string, nowMs: number): WindowsBoot | undefined {
    return this.#of(address, nowMs)?.boot;
  }

  /** It has the network boot program, all of it. */
  hasLoader(address: string, nowMs: number): void {
    const client = this.#of(address, nowMs);
    if (client === undefined) return;
    this.#set(address, { ...client, seenMs: nowMs, loaderMs: nowMs });
  }

  /** It asks for anything else: the boot manager runs. */
  asks(address: string, nowMs: number): void {
    const client = this.#of(address, nowMs);
    if (client === undefined) return;
    this.#set(address, { ...client, seenMs: nowMs, loaderMs: null });
  }

  /** It has the boot image, all of it. */
  hasImage(address: string, nowMs: number): LoaderReport | undefined {
    const client = this.#of(address, nowMs);
    return client === undefined ? undefined : reportOf(client, 'loaded');
  }

  /** Boot managers that have been silent for too long, each told once. */
  silent(nowMs: number): LoaderReport[] {
    const reports: LoaderReport[] = [];
    for (const [address, client] of this.#clients) {
      if (client.loaderMs === null || nowMs - client.loaderMs < SILENCE_MS) continue;
      this.#clients.set(address, { ...client, loaderMs: null });
      const report = reportOf(client, 'refused');
      if (report !== undefined) reports.push(report);
    }
    return reports;
  }

  #of(address: string, nowMs: number): Client | undefined {
    const client = this.#clients.get(address);
    return client === undefined || nowMs - client.seenMs > LIFE_MS ? undefined : client;
  }

  #set(address: string, client: Client): void {
    this.#clients.delete(address); // the newest last: the oldest goes first
    this.#clients.set(address, client);
    const [oldest] = this.#clients.keys();
    if (this.#clients.size > MOST_CLIENTS && oldest !== undefined) this.#clients.delete(oldest);
  }
}

function reportOf({ boot, machine }: Client, outcome: LoaderOutcome): LoaderReport | undefined {
  const { image, signer } = boot;
  return machine === null || signer === null ? undefined : { ...machine, image, signer, outcome };
}
