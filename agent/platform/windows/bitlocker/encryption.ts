import type { VolumeEncryption } from '../../../sequence/bitlocker-capability.ts';
import type { StepProgress } from '../../../sequence/platform.ts';
import { StepError } from '../../../sequence/step-error.ts';

const POLL_MS = 10_000;
/** A disk of terabytes moves a tenth of a percent in that time. */
const STALLED_MS = 60 * 60_000;
/** Looks one after another that show no encryption, after which there is none: a single one may be misread. */
const BAD_LOOKS = 3;

/**
 * Looks again and again until a drive is encrypted. One that is decrypted shows fewer percent each time, and
 * one that is paused no more.
 * @throws {StepError} `bitlocker.stopped`
 */
export async function* encryptionOf(
  parts: {
    /** `C:`, for people. */
    readonly drive: string;
    readonly status: () => Promise<VolumeEncryption>;
    readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  },
  signal: AbortSignal,
): AsyncGenerator<StepProgress, void> {
  const { drive, status, wait } = parts;
  let last = -1;
  let most = -1;
  let stillMs = 0;
  let bad = 0;
  for (;;) {
    const { state, percent } = await status();
    if (state === 'encrypted') return;
    bad = state !== 'encrypting' || percent < last ? bad + 1 : 0;
    if (bad === BAD_LOOKS)
      throw new StepError(
        'bitlocker.stopped',
        `${drive} is not being encrypted any more: ${percent} %, after ${last} %`,
      );
    stillMs = percent > most ? 0 : stillMs + POLL_MS;
    if (stillMs > STALLED_MS)
      throw new StepError(
        'bitlocker.stopped',
        `${drive} has been encrypted to ${percent} % for an hour`,
        { hint: 'Encryption is paused, or the disk fails.' },
      );
    last = percent;
    most = Math.max(most, percent);
    yield { detail: `${drive} is encrypted to ${percent} %` };
    await wait(POLL_MS, signal);
  }
}
