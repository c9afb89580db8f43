import { expect, it } from 'vitest';
import { type TakeoverClaim, takesOver } from './takeover.ts';

const sameMachine: TakeoverClaim = {
  proven: false,
  sure: true,
  ignored: false,
  hasSecrets: false,
  firstSeenMs: null,
  holderFirstSeenMs: 1000,
};

it('M56 a new start of the same machine takes its open run over with nobody asked', () => {
  expect(takesOver(sameMachine)).toBe(true);
});

it.each([
  { name: 'secrets were granted', change: { hasSecrets: true } },
  { name: 'it may be another machine', change: { sure: false } },
  { name: 'an operator has refused it', change: { ignored: true } },
  { name: 'the key was there before', change: { firstSeenMs: 2000 } },
])('M56 an operator is asked when $name', ({ change }) => {
  expect(takesOver({ ...sameMachine, ...change })).toBe(false);
});

it.each([
  { name: 'a new key', firstSeenMs: null, takes: true },
  { name: 'a key that registered later than the holder', firstSeenMs: 2000, takes: true },
  { name: 'a key that lost the run to a later start', firstSeenMs: 999, takes: false },
])('M56 with the resume token, $name: $takes', ({ firstSeenMs, takes }) => {
  const proven = { ...sameMachine, proven: true, sure: false, hasSecrets: true };
  expect(takesOver({ ...proven, firstSeenMs })).toBe(takes);
});
