import type { MacAddress, SmbiosGuid } from '#agent/protocol/identity.ts';
import type { BootImageChoice, BootWish, Chain } from '#boot/chain.ts';
import type { SignerMemory } from '#boot/signer-choice.ts';
import type { BenchDhcp } from '../dhcp/bench/pool.ts';
import type { BenchState } from '../dhcp/bench/watch.ts';
import type { ClientRules } from '../dhcp/client-rule.ts';
import type { NetbootServers } from '../dhcp/first-server.ts';
import type { HeardServer } from '../dhcp/heard-server.ts';
import type { LoaderReport } from './windows-clients.ts';

/**
 * Everything that decides about a network boot, held by the netboot worker: PXE goes on with it when the
 * database is slow or the API is busy. Made by `inventory`.
 */
export interface NetbootSnapshot {
  readonly revision: number;
  /** Interfaces that may be answered on; empty until an operator says so. */
  readonly answerOn: readonly NetbootInterface[];
  readonly byMac: Pick<ReadonlyMap<MacAddress, NetbootTarget>, 'get'>;
  readonly byGuid: Pick<ReadonlyMap<SmbiosGuid, NetbootTarget>, 'get'>;
  /** For machines found in neither map. */
  readonly unknown: NetbootAction;
  /** Never served, whatever the GUID says (dock and dongle adapters of the operator's list). */
  readonly excludedMacs: ReadonlySet<MacAddress>;
  /** Adapters shared by machines: not used to identify, though served. */
  readonly sharedMacs: ReadonlySet<MacAddress>;
  /** Client architectures that a boot image is there for, by name in `boot/architecture.ts`. */
  readonly bootImages: ReadonlySet<string>;
  readonly windows: WindowsNetboot;
  readonly ports: { readonly bootHttp: number };
  /** Servers of the site that answer beside this one; absent where there can be only one. */
  readonly servers?: NetbootServers;
  /** Clients that are answered by lists; absent where all are. */
  readonly rules?: ClientRules;
  /** Milliseconds that an OFFER waits, for other PXE servers to be first. */
  readonly offerDelayMs?: number;
  /** Whether machines are sent to their disk, and refused, by menus of PXE; absent: they are. */
  readonly pxeMenu?: boolean;
  /** Addresses that are granted on isolated benches; absent where none are. */
  readonly bench?: BenchDhcp;
}
/**
 * A snapshot without its records, which come a few at a time: of 100,000 devices all at once would hold the
 * threads up that they pass through.
 */
export type NetbootFrame = Omit<NetbootSnapshot, 'byMac' | 'byGuid'>;
/** A record, with the identifiers that it is found by; null where its GUID tells no machine from another. */
export interface NetbootDevice {
  readonly macs: readonly MacAddress[];
  readonly guid: SmbiosGuid | null;
  readonly target: NetbootTarget;
}
/** Records that changed. */
export interface NetbootDevices {
  /**
   * `now`: decides from now on. `next`: part of a whole table that decides from the next frame on that says so;
   * `first` begins it. Changes while it is being made go into both.
   */
  readonly to: 'now' | 'first' | 'next';
  readonly devices: readonly NetbootDevice[];
  /** Ids of records that are no more. */
  readonly gone: readonly string[];
}
/** What Windows PE is started from. */
export interface WindowsNetboot {
  readonly images: readonly BootImageChoice[];
  /** Whether iPXE and wimboot have been added. */
  readonly wimboot: boolean;
  /** What is known of machines' Secure Boot, by `machineKey` (windows-clients.ts). */
  readonly signers: ReadonlyMap<string, SignerMemory>;
}
export interface NetbootInterface {
  readonly name: string;
  /** IPv4 address of ours on it: siaddr, option 54. */
  readonly address: string;
  readonly netmask: string;
}
export interface NetbootTarget {
  readonly deviceId: string;
  readonly name: string;
  readonly action: NetbootAction;
  /** Adapters of its own: with its GUID and another one it may be another board. Empty where none is known. */
  readonly macs?: readonly MacAddress[];
}
/** A deployment that a device is booted for. */
export interface PxeOffer {
  readonly deviceId: string;
  readonly deploymentId: string;
}
/** `reason` is a whole sentence for the console: each answer and each silence has one. */
export type NetbootAction =
  | {
      readonly kind: 'boot';
      readonly reason: string;
      readonly wish: BootWish;
      readonly offer?: PxeOffer;
    }
  /** It is to start from its disk: told so, as firmware that nobody answers waits long before it does. */
  | { readonly kind: 'disk'; readonly reason: string }
  | { readonly kind: 'silent'; readonly reason: string };

/** Name to bytes or file: all that TFTP and the boot HTTP listener serve. Never a directory. */
export type BootFileMap = ReadonlyMap<string, BootFile>;
export type BootFile =
  | { readonly kind: 'file'; readonly path: string; readonly sizeBytes: number }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

/** What a machine was sent to. */
export interface SentBoot {
  /** Name of the boot image. */
  readonly image: string;
  readonly chain: Chain;
  readonly signer: string | null;
  readonly file: string;
}

/** Where a machine is plugged in, as its DISCOVER says. */
export interface BootPlace {
  readonly interfaceName: string;
  /** DHCP relay of its subnet (giaddr); null where it came without one. */
  readonly relay: string | null;
  /** Circuit id and remote id of option 82. */
  readonly port: string | null;
  readonly switchId: string | null;
}

/** What the worker tells the main thread. */
export type NetbootReport =
  | {
      readonly kind: 'decision';
      readonly atMs: number;
      readonly interfaceName: string;
      readonly mac: string;
      readonly guid: string | null;
      readonly architecture: string;
      readonly outcome: 'answered' | 'silent';
      readonly reason: string;
      /** What it was sent to; null for a silence. */
      readonly boot: SentBoot | null;
      /** What it is booted for, where that is one deployment. */
      readonly offer?: PxeOffer;
      /** Of a DISCOVER; what comes after it goes past the relay. */
      readonly place?: BootPlace;
      /** From its packet to the answer that was handed to the system; none for one that cannot be read. */
      readonly tookMs?: number;
    }
  /** Another DHCP or PXE server that was heard on the wire. */
  | ({
      readonly kind: 'heard-server';
      readonly atMs: number;
      readonly interfaceName: string;
    } & HeardServer)
  /** The DHCP server of a bench grants addresses on an interface, or does not any more. */
  | ({ readonly kind: 'bench'; readonly atMs: number; readonly interfaceName: string } & BenchState)
  | {
      readonly kind: 'transfer';
      readonly atMs: number;
      readonly client: string;
      readonly file: string;
      /** `absent`: a file that boot loaders ask for and do without. */
      readonly outcome: 'started' | 'finished' | 'failed' | 'absent';
      readonly bytes: number;
      readonly reason: string;
    }
  | ({ readonly kind: 'loader'; readonly atMs: number } & LoaderReport)
  | {
      readonly kind: 'socket-error';
      readonly atMs: number;
      readonly code: string;
      readonly reason: string;
      /** What does not work until a `socket-state` of it says so; absent for what failed once. */
      readonly subject?: string;
    }
  | {
      /** A socket is open now, or one that was open or in trouble is none any more. */
      readonly kind: 'socket-state';
      readonly atMs: number;
      /** Interface and service, `eth1 TFTP`. */
      readonly subject: string;
      readonly state: 'open' | 'gone';
      /** Address and port, `10.0.5.1:69`. */
      readonly address: string;
    };
