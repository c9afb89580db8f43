import { generateKeyPairSync } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatProof, formatTokenProof, keyThumbprint, parseProof, proofDigest } from './proof.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const claims = {
  jti: 'a1b2c3d4',
  htm: 'POST',
  htu: '/v1/register',
  nonce: 'n1',
  bdh: proofDigest('{}'),
};

async function refuseChanged(text: string, parse: (text: string) => ReturnType<typeof parseProof>) {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(text.length - 1),
      fc.constantFrom('A', 'Z', 'a', 'z', '0', '9', '-', '_', '.'),
      async (index, character) => {
        const proof = await parse(text.slice(0, index) + character + text.slice(index + 1));
        // The last base64url digit of a part carries unused bits: same bytes, same proof.
        if (proof !== undefined) expect(proof.claims).toEqual(claims);
      },
    ),
  );
}

describe('M39 proof of the agent’s key', () => {
  it('is read back with its claims and the thumbprint of its key', async () => {
    const proof = await parseProof(formatProof(privateKey, claims));
    expect(proof?.claims).toEqual(claims);
    expect(proof?.keyThumbprint).toBe(keyThumbprint(publicKey.export({ format: 'jwk' }).x ?? ''));
  });

  it('has the thumbprint of RFC 8037, appendix A.3', () => {
    expect(keyThumbprint('11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo')).toBe(
      'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
    );
  });

  it('is refused when any of its bytes is changed', () =>
    refuseChanged(formatProof(privateKey, claims), parseProof));

  it('reads any text as a proof or as nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), async (text) => {
        expect(await parseProof(text)).toBeUndefined();
      }),
    );
  });
});

describe('M39 proof by the key of a token', () => {
  const tokenKey = Buffer.alloc(32, 7);

  it('is read back with its claims by whoever has the key, and by nobody else', async () => {
    const text = formatTokenProof(tokenKey, claims);
    expect(await parseProof(text, tokenKey)).toEqual({ claims, keyThumbprint: undefined });
    expect(await parseProof(text, Buffer.alloc(32, 8))).toBeUndefined();
    expect(await parseProof(text)).toBeUndefined();
  });

  it('is refused when any of its bytes is changed', () =>
    refuseChanged(formatTokenProof(tokenKey, claims), (text) => parseProof(text, tokenKey)));

  it('does not take a public key for the key of a token', async () => {
    const spki = publicKey.export({ format: 'der', type: 'spki' });
    const [head] = formatProof(privateKey, claims).split('.');
    const [, body, mac] = formatTokenProof(spki, claims).split('.');
    expect(await parseProof(`${head}.${body}.${mac}`, tokenKey)).toBeUndefined();
    expect(await parseProof(formatTokenProof(spki, claims), tokenKey)).toBeUndefined();
  });
});
