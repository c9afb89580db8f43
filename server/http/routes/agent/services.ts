import type { DeviceId, RunId, Sha256 } from '#agent/protocol/identity.ts';
import type { Policy } from '#agent/protocol/policy.ts';
import type { Progress } from '#agent/protocol/run-event.ts';
import type { CapturedImages } from '../../../captured-images.ts';
import type { ContentStore } from '../../../content/store.ts';
import type { BootPlace } from '../../../netboot/snapshot.ts';
import type { Store } from '../../../store/operations.ts';
import type { SiteSecret } from '../../../trust/site-secret.ts';
import type { Changes } from '../../services.ts';

/** The agent this server hands out, as it travels. */
export interface AgentPackage {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  readonly compression: 'zstd' | 'none';
}

/** What the routes of the agents' listener work with. */
export interface AgentServices {
  readonly store: Store;
  readonly content: ContentStore;
  readonly secret: SiteSecret;
  /** Takes images that steps capture. */
  readonly captured: CapturedImages;
  readonly changes: Changes;
  /** The agent for an architecture and environment, or a part of it; undefined when there is none. */
  readonly agentPackage: (wanted: {
    readonly architecture: string;
    readonly environment: string;
    /** `service`: what starts it in an installed Windows. */
    readonly part: string | undefined;
  }) => AgentPackage | undefined;
  /** Key that whoever is given this token proves its requests with. */
  readonly tokenKey: (token: string) => Uint8Array;
  /** Where a machine with one of these MAC addresses last asked for its boot. */
  readonly bootPlace: (macs: readonly string[]) => BootPlace | null;
  /** Keeps the latest progress of a run in memory. */
  readonly noteProgress: (run: RunId, progress: Progress) => void;
  /** Keeps what a machine was told in memory. */
  readonly notePolicy: (device: DeviceId, policy: Policy) => void;
  /** Base URL of this server's content for whoever reached it at this address of it. */
  readonly ownSource: (localAddress: string) => string;
  /** Those of the other live servers of the site. */
  readonly otherSources: (localAddress: string) => readonly string[];
  readonly nowMs: () => number;
}
