import type { DeviceId, RunId } from '#agent/protocol/identity.ts';
import type { Progress } from '#agent/protocol/run-event.ts';
import type { BootImages } from '../boot-images/boot-images.ts';
import type { ContentStore } from '../content/store.ts';
import type { Intake } from '../content/take-in.ts';
import type { BenchState } from '../dhcp/bench/watch.ts';
import type { HeardServer } from '../dhcp/heard-server.ts';
import type { MediaMaker } from '../media/media-maker.ts';
import type { Metrics } from '../metrics.ts';
import type { NetbootInterface, NetbootReport } from '../netboot/snapshot.ts';
import type { OidcSignIn } from '../oidc/sign-in.ts';
import type { Store } from '../store/operations.ts';
import type { OperatorAccess } from '../trust/operator-access.ts';

/** What the routes of the operators' API work with. */
export interface OperatorServices {
  readonly store: Store;
  readonly content: ContentStore;
  readonly intake: Intake;
  readonly bootImages: BootImages;
  readonly media: MediaMaker;
  /** Seals secret variables: `SiteSecret.variableKey`. */
  readonly variableKey: Uint8Array;
  readonly access: OperatorAccess;
  /** Signing in by an OpenID provider; null where the settings have none. */
  readonly oidc: OidcSignIn | null;
  readonly changes: Changes;
  readonly live: LiveState;
  readonly metrics: Pick<Metrics, 'read'>;
  /** Starts the DHCP server of a bench again, which another server has stopped. */
  readonly startBench: (interfaceName: string) => void;
  readonly nowMs: () => number;
}

/**
 * Tells that something visible has changed. `revision` counts up; listeners get it at most once a turn
 * of the event loop, and ask the store for what they show.
 */
export interface Changes {
  readonly revision: number;
  /**
   * Call after each change; `boot` also rebuilds what PXE decides by (devices, deployments, settings, runs).
   * `devices`: about these alone; an empty list: what it decides about no device.
   */
  changed(what: 'boot' | 'view', devices?: readonly DeviceId[]): void;
  /** @returns a function that stops listening */
  listen(listener: (revision: number) => void): () => void;
}

export type BootDecision = Extract<NetbootReport, { kind: 'decision' }>;
export interface ListenerState {
  readonly purpose: string;
  readonly address: string;
  readonly ok: boolean;
  readonly detail: string;
}
export interface BootImageState {
  readonly name: string;
  readonly architecture: string;
  readonly ready: boolean;
  readonly detail: string;
}

/** Another DHCP or PXE server, and what it offered last. */
export interface HeardServerState extends HeardServer {
  readonly interfaceName: string;
  /** Null while it is not known. */
  readonly mac: string | null;
  readonly firstHeardMs: number;
  readonly lastHeardMs: number;
}

/** Whether addresses are granted on an interface, and since when. */
export interface BenchDhcpState extends BenchState {
  readonly interfaceName: string;
  readonly sinceMs: number;
}

/** What is known of the moment and kept in memory only. */
export interface LiveState {
  progress(run: RunId): Progress | null;
  /** Why a machine has nothing to do, as it was told when it last asked; null when it has, or never asked. */
  refusal(device: DeviceId): string | null;
  /** The newest first, at most 500. */
  decisions(): readonly BootDecision[];
  /** The newest boot decision about a machine with any of these identifiers. */
  lastDecision(macs: readonly string[], guid: string | null): BootDecision | null;
  heardServers(): readonly HeardServerState[];
  /** DHCP servers of benches, by interface. */
  benches(): readonly BenchDhcpState[];
  /** Interfaces of this server with an IPv4 address, loopback left out. */
  readonly interfaces: () => readonly NetbootInterface[];
  listeners(): readonly ListenerState[];
  bootImages(): readonly BootImageState[];
}
