import type { TftpOptions } from './packet.ts';

/**
 * How far a client is stepped down. Firmware exists that agrees to blocks, windows or options which it, or
 * a switch on the way, cannot take; it then fails and asks again for the same. Each transfer that fails makes the
 * next one of that client smaller, in the same boot, until it gets what RFC 1350 had.
 */
export interface StepDown {
  readonly blockSize: number;
  readonly windowSize: number;
  /** False: options are not answered at all, so that blocks have 512 bytes. */
  readonly options: boolean;
}

/** In the order they are tried. 1428: what fits a frame with room for tags and tunnels. */
export const STEPS: readonly StepDown[] = [
  { blockSize: 65_464, windowSize: 64, options: true },
  { blockSize: 1428, windowSize: 4, options: true },
  { blockSize: 1024, windowSize: 1, options: true },
  { blockSize: 512, windowSize: 1, options: true },
  { blockSize: 512, windowSize: 1, options: false },
];

/** A client that failed is remembered for longer than a boot takes, and no longer. */
const LIFE_MS = 30 * 60_000;
/** Addresses are invented easily; the oldest goes. */
const MOST = 4096;

/** Remembers how far clients are stepped down, by address. Reads no clock. */
export class StepDowns {
  readonly #steps = new Map<string, { readonly step: number; readonly seenMs: number }>();

  /** The place in `STEPS` of a client. */
  stepOf(client: string, nowMs: number): number {
    const known = this.#steps.get(client);
    return known === undefined || nowMs - known.seenMs > LIFE_MS ? 0 : known.step;
  }

  /** A transfer at a step has failed; of several at once only the first steps down. */
  failed(client: string, at: number, nowMs: number): void {
    if (this.stepOf(client, nowMs) !== at) return;
    this.#steps.delete(client);
    this.#steps.set(client, { step: Math.min(at + 1, STEPS.length - 1), seenMs: nowMs });
    const [oldest] = this.#steps.keys();
    if (this.#steps.size > MOST && oldest !== undefined) this.#steps.delete(oldest);
  }
}

/** What a client asked for, made smaller. What it did not ask for stays as it is. */
export function stepDown(requested: TftpOptions, step: number): TftpOptions {
  const limits = STEPS[step];
  if (step === 0 || limits === undefined) return requested;
  if (!limits.options) return new Map();
  return new Map(
    [...requested].map(([name, text]) => {
      if (name === 'blksize') return [name, smaller(text, limits.blockSize)];
      return [name, name === 'windowsize' ? smaller(text, limits.windowSize) : text];
    }),
  );
}

/** Text that is no number stays: it is left out of the answer anyway. */
function smaller(text: string, most: number): string {
  return /^\d{1,15}$/.test(text) ? String(Math.min(Number(text), most)) : text;
}
