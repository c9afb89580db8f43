import type { Environment } from '#agent/protocol/policy.ts';
import type { Membership, NetworkCapability } from '#agent/sequence/network-capability.ts';
import { StepError } from '#agent/sequence/step.ts';

/** A share that was connected, without its password. */
export interface ConnectedFolder {
  readonly path: string;
  readonly drive: string | null;
  readonly user: string | null;
}

/**
 * The network of a simulated machine: every share is there and lets everyone in, every domain takes the
 * computer. Connections end with a restart, a membership outlives it.
 */
export class SimulatedNetwork {
  /** Since the last start. */
  folders: ConnectedFolder[] = [];
  membership: Membership;
  /** Whether it was joined by a blob of `djoin`, whose domain nobody reads here. */
  joinedByBlob = false;

  constructor(membership: Membership = { kind: 'workgroup', name: 'WORKGROUP' }) {
    this.membership = membership;
  }

  /** The capability of one start. */
  start(environment: Environment, tick: () => void): NetworkCapability {
    this.folders = [];
    const inOs = environment === 'full-os';
    return {
      connectFolder: async ({ path, drive, account }) => {
        tick();
        const other = this.folders.find((each) => drive !== null && each.drive === drive);
        if (other !== undefined && other.path !== path)
          throw new StepError('network.drive-in-use', `${drive}: leads to ${other.path}`);
        if (other === undefined) this.folders.push({ path, drive, user: account?.user ?? null });
        return drive === null ? path : `${drive}:\\`;
      },
      membership: inOs
        ? async () => {
            tick();
            return this.membership;
          }
        : undefined,
      join: async (request) => {
        tick();
        if (!inOs) throw new StepError('network.join', `${environment} joins nothing`);
        if (request.kind === 'offline-blob') this.joinedByBlob = true;
        else if (request.kind === 'workgroup')
          this.membership = { kind: 'workgroup', name: request.workgroup };
        else this.membership = { kind: 'domain', name: request.domain };
        tick();
      },
    };
  }
}
