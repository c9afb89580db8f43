import { describe, expect, it } from 'vitest';
import type { VolumeEncryption } from '../../../sequence/bitlocker-capability.ts';
import { encryptionOf } from './encryption.ts';

type Look = number | VolumeEncryption['state'];

/** Waits for a drive that shows these one after another, then the last one; returns what was told and the time. */
async function waitFor(looks: readonly Look[]) {
  const left = [...looks];
  const told: string[] = [];
  let waitedMs = 0;
  let now: Look = 0;
  const parts = {
    drive: 'C:',
    status: async () => {
      now = left.shift() ?? now;
      const state = typeof now === 'string' ? now : now === 100 ? 'encrypted' : 'encrypting';
      return { state, percent: typeof now === 'string' ? 0 : now, protectionOn: false } as const;
    },
    wait: async (ms: number) => void (waitedMs += ms),
  };
  for await (const { detail = '' } of encryptionOf(parts, new AbortController().signal))
    told.push(detail);
  return { told, waitedMs };
}
const stopped = (text: string) => ({
  code: 'bitlocker.stopped',
  message: expect.stringContaining(text),
});

describe('the encryption of a drive', () => {
  it('is waited for to its end', async () => {
    expect(await waitFor([10, 60, 100])).toEqual({
      told: ['C: is encrypted to 10 %', 'C: is encrypted to 60 %'],
      waitedMs: 20_000,
    });
  });

  it.each([
    ['a number that is too low', [50, 49, 60, 100]],
    ['two of them', [50, 49, 48, 60, 100]],
    ['one that cannot be read', [50, 'other', 60, 100]],
  ] as const)('goes on behind %s', async (_what, looks) => {
    await waitFor(looks);
  });

  it('is off where the number falls three times, or nothing can be read any more', async () => {
    await expect(waitFor([50, 40, 30, 20, 10])).rejects.toMatchObject(stopped('20 %'));
    await expect(waitFor([50, 'decrypted'])).rejects.toMatchObject(stopped('any more'));
    await expect(waitFor([50, 'other'])).rejects.toMatchObject(stopped('any more'));
  });

  it('is off after an hour without more, also where the number goes up and down', async () => {
    const swaying = Array.from({ length: 1000 }, (_, index) => 50 - (index % 2));
    await expect(waitFor([...swaying, 100])).rejects.toMatchObject(stopped('for an hour'));
    await expect(waitFor([50])).rejects.toMatchObject(stopped('for an hour'));
    // 55 minutes each.
    const slow = [50, 51, 52].flatMap((percent) => Array.from({ length: 330 }, () => percent));
    expect((await waitFor([...slow, 100])).waitedMs).toBe(990 * 10_000);
  });
});
