import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Proof, parseProof, proofDigest } from '#agent/protocol/proof.ts';

/** Length of a nonce's window. A nonce is good in its own and the next one: for 2 to 4 minutes. */
const WINDOW_MS = 2 * 60 * 1000;
/** Windows whose proofs are remembered: a clock that is set goes back by less, or is noticed. */
const KEPT_WINDOWS = 5;
const TOKENS_KEPT = 10_000;

/** What is derived of an access token: its digest, as `ath` has it, and the key that proves it. */
interface Token {
  readonly digest: string;
  readonly key: Uint8Array;
}

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
 * a proof's `jti` is remembered with the window of its nonce while that is good, and through a clock that
 * goes back and forth.
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
  /** What was used, by the window of its nonce. */
  const used = new Map<number, Set<string>>();

  /** What was used with nonces of a window; those that cannot be good again soon are forgotten. */
  const usedIn = (nonceWindow: number, window: number) => {
    const known = used.get(nonceWindow);
    if (known !== undefined) return known;
    for (const old of used.keys()) if (Math.abs(old - window) > KEPT_WINDOWS) used.delete(old);
    const made = new Set<string>();
    used.set(nonceWindow, made);
    return made;
  };

  const tokenOf = (text: string): Token => {
    const digest = proofDigest(text);
    return { digest, key: createHmac('sha256', secret).update(`token:${digest}`).digest() };
  };
  /** Of proofs that were good: a machine comes with one token several times a second. */
  const tokens = new Map<string, Token>();

  return {
    nonce: () => nonceOf(windowNow()),
    tokenKey: (token) => tokenOf(token).key,
    async check(header, request) {
      if (header === undefined) return bad('proof.missing', 'The request carries no DPoP proof');
      const { token: text } = request;
      const token = text === undefined ? undefined : (tokens.get(text) ?? tokenOf(text));
      const proof = await parseProof(header, token?.key);
      if (proof === undefined) return bad('proof.invalid', 'The DPoP proof is not well signed');
      const { claims } = proof;
      const window = windowNow();
      const nonceWindow = [window, window - 1].find((one) => equal(claims.nonce, nonceOf(one)));
      if (nonceWindow === undefined)
        return bad('proof.nonce', 'The nonce of the proof is not one of the last minutes');
      if (claims.htm !== request.method || claims.htu !== request.url)
        return bad('proof.request', `The proof is for ${claims.htm} ${claims.htu}`);
      const body = request.body?.length ? proofDigest(request.body) : undefined;
      if (claims.bdh !== body) return bad('proof.request', 'The proof is for another body');
      if (claims.ath !== token?.digest)
        return bad('proof.request', 'The proof is for another token');
      const before = usedIn(nonceWindow, window);
      const key = `${proof.keyThumbprint ?? token?.digest}.${claims.jti}`;
      if (before.has(key)) return bad('proof.replay', 'The proof has been used before');
      before.add(key);
      if (text !== undefined && token !== undefined && !tokens.has(text)) {
        if (tokens.size >= TOKENS_KEPT) tokens.clear();
        tokens.set(text, token);
      }
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
