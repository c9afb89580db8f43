import { expect, it } from 'vitest';
import { type Attempts, addFailure, FORGET_AFTER_MS } from './sign-in-delay.ts';

function waits(subject: 'account' | 'address', count: number): number[] {
  let attempts: Attempts | undefined;
  return Array.from({ length: count }, () => {
    attempts = addFailure(attempts, subject, 1000);
    return (attempts.blockedUntilMs - 1000) / 1000;
  });
}

it('lets five attempts at an account go, then each wait is twice the one before, up to 15 minutes', () => {
  expect(waits('account', 17)).toEqual([
    0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900,
  ]);
});

it('lets twenty from an address go', () => {
  expect(waits('address', 22).slice(-3)).toEqual([0, 1, 2]);
});

it('forgets after a day without one', () => {
  const many = { failures: 30, lastMs: 1000, blockedUntilMs: 901_000 };
  expect(addFailure(many, 'account', 1001 + FORGET_AFTER_MS).failures).toBe(1);
});
