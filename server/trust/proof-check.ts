import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Proof, parseProof, proofDigest } from '#agent/protocol/proof.ts';

/** Length of a nonce's window. A nonce is good in its own and the next one: for 2 to 4 minutes. */
const WINDOW_MS = 2 * 60 * 1000;

/** What a proof must be about. */
interface ProvedRequest {
  readonly method: string;
  /** Path with query, as sent. */
  readonly url: string;
  readonly body: Uint8Array | undefined;
  /** The access token sent along, if any. */
  readonly token: string | undefined;
}
type ProofVerdict =
  | { readonly kind: 'good'; readonly proof: Proof }
  /** `code`: `proof.missing`, `proof.invalid`, `proof.nonce`, `proof.request`, `proof.replay`. */
  | { readonly kind: 'bad'; readonly code: string; readonly message: string };

export interface ProofChecker {
  check(header: string | undefined, request: ProvedRequest): Promise<ProofVerdict>;
  /** The nonce for the next request. */
  nonce(): string;
  /** Key that whoever was given a token proves his requests with: 32 bytes, the same on all servers of a site. */
  tokenKey(token: string): Uint8Array;
}

/**
 * Checks proofs of possession (RFC 9449, without `iat`: a bare machine's clock is worth nothing).
 * Nonces are made from the time and a secret, so nothing is kept for machines that never come back;
 * a proof's `jti` is remembered while its nonce is good.
 */
export function createProofChecker(secret: Uint8Array, nowMs: () => number): ProofChecker {
  const nonces = new Map<number, string>();
  const nonceOf = (window: number) => {
    const before = nonces.get(window);
    if (before !== undefined) return before;
    const mac = createHmac('sha256', secret).update(`nonce:${window}`).digest('base64url');
    const made = `${window.toString(36)}.${mac}`;
    if (nonces.size > 4) nonces.clear();
    nonces.set(window, made);
    return made;
  };
  const windowNow = () => Math.floor(nowMs() / WINDOW_MS);
  let seen = { window: windowNow(), now: new Set<string>(), before: new Set<string>() };

  const turn = (window: number) => {
    if (window === seen.window) return;
    const before = window === seen.window + 1 ? seen.now : new Set<string>();
    seen = { window, now: new Set(), before };
  };

  const keyOf = (tokenDigest: string) =>
    createHmac('sha256', secret).update(`token:${tokenDigest}`).digest();

  return {
    nonce: () => nonceOf(windowNow()),
    tokenKey: (token) => keyOf(proofDigest(token)),
    async check(header, request) {
      if (header === undefined) return bad('proof.missing', 'The request carries no DPoP proof');
      const ath = request.token === undefined ? undefined : proofDigest(request.token);
      const proof = await parseProof(header, () => (ath === undefined ? undefined : keyOf(ath)));
      if (proof === undefined) return bad('proof.invalid', 'The DPoP proof is not well signed');
      const { claims } = proof;
      const window = windowNow();
      if (![window, window - 1].some((one) => equal(claims.nonce, nonceOf(one))))
        return bad('proof.nonce', 'The nonce of the proof is not one of the last minutes');
      if (claims.htm !== request.method || claims.htu !== request.url)
        return bad('proof.request', `The proof is for ${claims.htm} ${claims.htu}`);
      const body = request.body?.length ? proofDigest(request.body) : undefined;
      if (claims.bdh !== body) return bad('proof.request', 'The proof is for another body');
      if (claims.ath !== ath) return bad('proof.request', 'The proof is for another token');
      turn(window);
      const key = `${proof.keyThumbprint ?? ath}.${claims.jti}`;
      if (seen.now.has(key) || seen.before.has(key))
        return bad('proof.replay', 'The proof has been used before');
      seen.now.add(key);
      return { kind: 'good', proof };
    },
  };
}

function bad(code: string, message: string): ProofVerdict {
  return { kind: 'bad', code, message };
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
