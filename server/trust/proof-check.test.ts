import { generateKeyPairSync } from 'node:crypto';
import { expect, it } from 'vitest';
import {
  formatProof,
  formatTokenProof,
  type ProofClaims,
  proofDigest,
} from '#agent/protocol/proof.ts';
import { createProofChecker } from './proof-check.ts';

const key = generateKeyPairSync('ed25519').privateKey;
const request = { method: 'GET', url: '/v1/policy?x=1', body: undefined, token: undefined };

function setUp() {
  const clock = { nowMs: 1_000_000_000 };
  const checker = createProofChecker(Buffer.alloc(32, 1), () => clock.nowMs);
  let count = 0;
  const claims = (change: Partial<ProofClaims> = {}): ProofClaims => ({
    jti: `unique-${++count}`,
    htm: 'GET',
    htu: '/v1/policy?x=1',
    nonce: checker.nonce(),
    ...change,
  });
  const codeOf = async (proof: string | undefined, about = {}) => {
    const verdict = await checker.check(proof, { ...request, ...about });
    return verdict.kind === 'good' ? 'good' : verdict.code;
  };
  return { clock, checker, claims, codeOf };
}

it.each([
  { name: 'another method', change: { htm: 'POST' } },
  { name: 'another path', change: { htu: '/v1/policy' } },
  { name: 'a body that is not sent', change: { bdh: proofDigest('x') } },
  { name: 'a token that is not sent', change: { ath: proofDigest('x') } },
])('refuses a proof for $name', async ({ change }) => {
  const { claims, codeOf } = setUp();
  expect(await codeOf(formatProof(key, claims(change)))).toBe('proof.request');
});

it('wants the digests of body and token', async () => {
  const { claims, codeOf } = setUp();
  const body = Buffer.from('{}');
  expect(await codeOf(formatProof(key, claims()), { body })).toBe('proof.request');
  expect(await codeOf(formatProof(key, claims()), { token: 't' })).toBe('proof.request');
  const right = claims({ bdh: proofDigest(body), ath: proofDigest('t') });
  expect(await codeOf(formatProof(key, right), { body, token: 't' })).toBe('good');
});

it('takes a nonce in its own window and the next, and no longer', async () => {
  const { clock, claims, codeOf } = setUp();
  const [now, next, late] = [claims(), claims(), claims()].map((one) => formatProof(key, one));
  expect(await codeOf(now)).toBe('good');
  clock.nowMs += 120_000;
  expect(await codeOf(next)).toBe('good');
  clock.nowMs += 120_000;
  expect(await codeOf(late)).toBe('proof.nonce');
});

it('takes each proof once, over the change of windows too', async () => {
  const { clock, claims, codeOf } = setUp();
  const proof = formatProof(key, claims());
  expect(await codeOf(proof)).toBe('good');
  expect(await codeOf(proof)).toBe('proof.replay');
  clock.nowMs += 120_000;
  expect(await codeOf(proof)).toBe('proof.replay');
});

it('takes each proof once with a clock that goes back and forth', async () => {
  const { clock, claims, codeOf } = setUp();
  const proof = formatProof(key, claims());
  expect(await codeOf(proof)).toBe('good');
  clock.nowMs += 120_000;
  expect(await codeOf(formatProof(key, claims()))).toBe('good');
  clock.nowMs -= 120_000;
  expect(await codeOf(formatProof(key, claims()))).toBe('good');
  expect(await codeOf(proof)).toBe('proof.replay');
  clock.nowMs += 24 * 60 * 60_000;
  expect(await codeOf(proof)).toBe('proof.nonce');
  expect(await codeOf(formatProof(key, claims()))).toBe('good');
});

it('believes no nonce of another server', async () => {
  const { claims, codeOf } = setUp();
  const other = createProofChecker(Buffer.alloc(32, 2), () => 1_000_000_000);
  expect(await codeOf(formatProof(key, claims({ nonce: other.nonce() })))).toBe('proof.nonce');
  expect(await codeOf(undefined)).toBe('proof.missing');
  expect(await codeOf('a.b.c')).toBe('proof.invalid');
});

it('takes a proof by the key of the token that comes with it, once', async () => {
  const { checker, claims, codeOf } = setUp();
  const mine = (token: string, about = claims({ ath: proofDigest(token) })) =>
    formatTokenProof(checker.tokenKey('mine'), about);
  const proof = mine('mine');
  expect(await codeOf(proof, { token: 'mine' })).toBe('good');
  expect(await codeOf(proof, { token: 'mine' })).toBe('proof.replay');
  expect(await codeOf(mine('other'), { token: 'other' })).toBe('proof.invalid');
  expect(await codeOf(mine('mine', claims()), { token: 'mine' })).toBe('proof.request');
  expect(await codeOf(mine('mine', claims()), {})).toBe('proof.invalid');
  const elsewhere = createProofChecker(Buffer.alloc(32, 2), () => 1_000_000_000);
  const forged = formatTokenProof(elsewhere.tokenKey('mine'), claims({ ath: proofDigest('mine') }));
  expect(await codeOf(forged, { token: 'mine' })).toBe('proof.invalid');
});
