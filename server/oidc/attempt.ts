import { createHmac, timingSafeEqual } from 'node:crypto';

/** How long a browser may be at the provider before it has to begin again. */
export const ATTEMPT_MS = 10 * 60_000;

/** What binds one sign-in to the browser that began it and to the tokens that come of it. */
export interface Attempt {
  /** Comes back in the address of the callback (RFC 6749, section 10.12). */
  readonly state: string;
  /** Has to be in the ID token (OpenID Connect Core, section 3.1.2.1). */
  readonly nonce: string;
  /** Proves at the token endpoint that the code was asked for here (RFC 7636, section 4.1). */
  readonly codeVerifier: string;
}

/**
 * All three come of one secret, which is in the cookie of the browser and nowhere else: whoever reads the
 * database, or sees the address of the callback, learns none of the others.
 */
export function attemptOf(secret: string): Attempt {
  const part = (what: string) => createHmac('sha256', secret).update(what).digest('base64url');
  return { state: part('state'), nonce: part('nonce'), codeVerifier: part('code-verifier') };
}

/** Compares without telling how much was right. */
export function isSame(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one), Buffer.from(other)];
  return first.length === second.length && timingSafeEqual(first, second);
}
