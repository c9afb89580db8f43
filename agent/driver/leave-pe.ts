import type { Machine } from '../platform/machine.ts';
import type { Policy } from '../protocol/policy.ts';
import { startFromDisk } from './start-from-disk.ts';

/** Long enough for an operator who clears it or deploys something else while it shows why it waits. */
const STAYS_MS = 60_000;
/** What the server says of a machine on which all has run that is deployed to it. */
const DONE = 'deployment.ran';

/**
 * A machine that is done and came to the PE all the same, by firmware that takes no hint or by another adapter, goes
 * to its disk: it would else wait there for ever.
 */
export class LeavePe {
  readonly #machine: Pick<Machine, 'platform' | 'attended'>;
  #sinceMs: number | undefined;

  constructor(machine: Pick<Machine, 'platform' | 'attended'>) {
    this.#machine = machine;
  }

  /** Does not come back once it has said for a minute that it is done, and there is something to start. */
  async after(
    { kind, code }: { readonly kind: Policy['kind']; readonly code: string },
    nowMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { platform, attended } = this.#machine;
    if (kind !== 'none' || code !== DONE || !attended || platform.environment === 'full-os') {
      this.#sinceMs = undefined;
      return;
    }
    this.#sinceMs ??= nowMs;
    if (nowMs - this.#sinceMs < STAYS_MS || !(await platform.boot.bootable(signal))) return;
    await startFromDisk(platform, undefined, signal);
    await platform.power.restart('disk');
  }
}
