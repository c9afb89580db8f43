import {
  createHmac,
  createPublicKey,
  hash,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import { z } from 'zod';

/**
 * Proof of possession of the agent's key, after RFC 9449 (DPoP): a JWT, EdDSA over Ed25519, sent in
 * the header `DPoP` with each request. It differs from the RFC in one point: there is no `iat`, since
 * a bare machine's clock may be years off; freshness comes from the server's nonce alone
 * (section 8), which every request needs.
 *
 * A machine that has registered proves the key it was given for its token, HS256 (RFC 7515 and RFC 7518,
 * section 3.2): a thousand machines report every second, and to check a signature takes twenty times as long.
 * The token is bound to the Ed25519 key that registered, and the given key to the token.
 */
export const PROOF_HEADER = 'dpop';
/** Answer header with the nonce for the next request; sent with each answer and with 401. */
export const NONCE_HEADER = 'dpop-nonce';
/** Error code of the 401 whose answer carries the nonce to prove the same request with again. */
export const NONCE_REFUSED = 'proof.nonce';
/** `authorization: DPoP <token>`. */
export const TOKEN_SCHEME = 'DPoP';

const ProofHeader = z.object({
  typ: z.literal('dpop+jwt'),
  alg: z.literal('EdDSA'),
  jwk: z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string().max(64) }),
});
const ProofClaims = z.object({
  jti: z.string().min(8).max(64),
  htm: z.string().max(10),
  /** Path with query as sent, no host: names differ behind relays and NAT. */
  htu: z.string().max(2000),
  nonce: z.string().max(200),
  /** Base64url SHA-256 of the token, when one is sent. */
  ath: z.string().max(64).optional(),
  /** Base64url SHA-256 of the request's body, when it has one. */
  bdh: z.string().max(64).optional(),
});
export type ProofClaims = z.infer<typeof ProofClaims>;

/** A verified proof. */
export interface Proof {
  readonly claims: ProofClaims;
  /** Of the key that made it (RFC 7638); undefined where that is the one given for a token. */
  readonly keyThumbprint: string | undefined;
}

/** Base64url SHA-256, as `ath` and `bdh` carry it. */
export function proofDigest(bytes: string | Uint8Array): string {
  return hash('sha256', bytes, 'base64url');
}

/** Thumbprint of a public Ed25519 key, RFC 7638 and RFC 8037 appendix A.3. */
export function keyThumbprint(x: string): string {
  return proofDigest(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`);
}

/** Makes the proof for one request. @param key Ed25519 private key. */
export function formatProof(key: KeyObject, claims: ProofClaims): string {
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  const header = { typ: 'dpop+jwt', alg: 'EdDSA', jwk: { kty: 'OKP', crv: 'Ed25519', x } };
  const signed = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
}

/** First part of each proof by the key of a token. */
const TOKEN_HEAD = Buffer.from('{"typ":"dpop+jwt","alg":"HS256"}').toString('base64url');

/** Makes the proof for one request that carries a token. @param tokenKey 32 bytes, given for that token. */
export function formatTokenProof(tokenKey: Uint8Array, claims: ProofClaims): string {
  const signed = `${TOKEN_HEAD}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  return `${signed}.${macOf(tokenKey, signed).toString('base64url')}`;
}

function macOf(key: Uint8Array, signed: string): Buffer {
  return createHmac('sha256', key).update(signed).digest();
}

/** Public keys of proofs that came before: an agent sends the same first part with each request. */
const keys = new Map<string, { readonly key: KeyObject; readonly thumbprint: string }>();
const KEYS_KEPT = 10_000;
/** A first part has 158 characters; one with more in it is not kept. */
const LONGEST_HEAD = 400;

/**
 * Reads a proof and checks its signature, on another thread, or its MAC. Nonce, method, path, `ath`, `bdh`
 * and reuse of `jti` are the caller's to check.
 *
 * @param tokenKey key of the token that came along; without one only an Ed25519 key proves anything
 * @returns undefined for anything that is not a well-signed proof
 */
export async function parseProof(text: string, tokenKey?: Uint8Array): Promise<Proof | undefined> {
  const parts = text.split('.');
  const [head, body, signature] = parts;
  if (parts.length !== 3 || head === undefined || body === undefined || signature === undefined)
    return undefined;
  try {
    const claims = ProofClaims.parse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')));
    const signed = `${head}.${body}`;
    const given = Buffer.from(signature, 'base64url');
    if (head === TOKEN_HEAD) {
      if (tokenKey === undefined) return undefined;
      const mac = macOf(tokenKey, signed);
      if (mac.length !== given.length || !timingSafeEqual(mac, given)) return undefined;
      return { claims, keyThumbprint: undefined };
    }
    const { key, thumbprint } = keyOf(head);
    if (!(await isSigned(Buffer.from(signed), key, given))) return undefined;
    return { claims, keyThumbprint: thumbprint };
  } catch {
    return undefined;
  }
}

function keyOf(head: string): { readonly key: KeyObject; readonly thumbprint: string } {
  const before = keys.get(head);
  if (before !== undefined) return before;
  const { jwk } = ProofHeader.parse(JSON.parse(Buffer.from(head, 'base64url').toString('utf8')));
  const made = {
    key: createPublicKey({ key: jwk, format: 'jwk' }),
    thumbprint: keyThumbprint(jwk.x),
  };
  if (head.length > LONGEST_HEAD) return made;
  if (keys.size >= KEYS_KEPT) keys.clear();
  keys.set(head, made);
  return made;
}

async function isSigned(signed: Buffer, key: KeyObject, signature: Buffer): Promise<boolean> {
  return await new Promise((resolve, reject) => {
    verify(null, signed, key, signature, (error, good) => {
      if (error === null) resolve(good);
      else reject(error);
    });
  });
}
