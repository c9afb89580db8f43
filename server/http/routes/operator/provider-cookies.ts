/**
 * Binds a sign-in to the browser that began it. `Lax`: the provider's page leads back here. `__Host-`: no
 * other host, not even one below this one's name, can set it.
 */
export const ATTEMPT_COOKIE = '__Host-metalwright-sign-in';
/** The same of a browser that signs out at the provider. */
export const SIGN_OUT_COOKIE = '__Host-metalwright-sign-out';
/**
 * The ID token of the session, which names it at the provider when it ends. Only signing out is sent it: the
 * server keeps none, so that there is nothing to steal, and whichever server ends the session has it.
 */
export const ID_TOKEN_COOKIE = '__Secure-metalwright-id-token';
/** In its place for a session of the provider whose token is too long to be kept. */
const NO_TOKEN = '-';
/** Browsers drop cookies above 4096 bytes, name and attributes included (RFC 6265bis, section 5.6). */
const LONGEST_TOKEN = 3800;

/** The cookie of a sign-in that goes to the provider. An empty value with no age takes it away. */
export function attemptCookie(secret: string, maxAgeMs: number): string {
  return cookie(ATTEMPT_COOKIE, secret, { path: '/', maxAgeMs, sameSite: 'Lax' });
}

/** The cookie of a browser that goes to the provider to sign out. */
export function signOutCookie(state: string, maxAgeMs: number): string {
  return cookie(SIGN_OUT_COOKIE, state, { path: '/', maxAgeMs, sameSite: 'Lax' });
}

/** The cookie of a session that the provider has begun. */
export function idTokenCookie(idToken = NO_TOKEN, maxAgeMs: number): string {
  const value = idToken.length > LONGEST_TOKEN ? NO_TOKEN : idToken;
  return cookie(ID_TOKEN_COOKIE, value, { path: '/api/v1/session', maxAgeMs, sameSite: 'Strict' });
}

/** The token of the cookie; undefined for a session whose token was too long. */
export function idTokenOf(value: string): string | undefined {
  return value === NO_TOKEN ? undefined : value;
}

function cookie(
  name: string,
  value: string,
  { path, maxAgeMs, sameSite }: { path: string; maxAgeMs: number; sameSite: 'Lax' | 'Strict' },
): string {
  return `${name}=${value}; Path=${path}; Max-Age=${Math.floor(maxAgeMs / 1000)}; HttpOnly; Secure; SameSite=${sameSite}`;
}
