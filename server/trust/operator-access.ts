import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import type { Store } from '../store/operations.ts';
import { readOrMake } from './key-file.ts';
import type { Caller } from './person-role.ts';

/** How long a browser stays signed in, and how long the link to sign in is good. */
const SESSION_MS = 12 * 60 * 60 * 1000;
const LINK_MS = 24 * 60 * 60 * 1000;
/** Who has the token of the server's data directory. */
const ADMIN: Caller = {
  name: 'admin',
  role: 'administrator',
  personId: null,
  by: 'admin',
  tokenId: null,
  scope: null,
};
/** Name of the cookie with the session's token. */
export const SESSION_COOKIE = 'metalwright-session';

/** Finds out who asks, and signs in. */
export interface OperatorAccess {
  /** File with the admin token for the `metalwright` command, mode 0600. */
  readonly tokenFile: string;
  /** By `authorization: Bearer <token>` or the session cookie's value; undefined for a token that is none. */
  identify(token: string): Promise<Caller | undefined>;
  /** Makes the token of a link that signs an operator in once, within a day. */
  newLinkToken(): Promise<string>;
  /** Uses a link up and answers a session's token for the cookie; undefined when the link is none. */
  redeem(linkToken: string, remoteAddress: string): Promise<NewSession | undefined>;
  /** Ends a session. */
  signOut(token: string): Promise<void>;
}

/** A session that was begun: its token, for the cookie, and whose it is. */
export interface NewSession {
  readonly token: string;
  readonly name: string;
  readonly maxAgeMs: number;
}

/** Opens operators' access, making the admin token file at the first start. */
export async function openOperatorAccess(
  dataDirectory: string,
  store: Store,
  nowMs: () => number,
): Promise<OperatorAccess> {
  const tokenFile = join(dataDirectory, 'admin-token');
  const adminHash = hash((await readOrMake(tokenFile, () => `${newToken()}\n`)).trim());
  return {
    tokenFile,
    async identify(token) {
      const given = hash(token);
      if (timingSafeEqual(Buffer.from(given), Buffer.from(adminHash))) return ADMIN;
      return (await store.operators.who(given, nowMs())) ?? undefined;
    },
    async newLinkToken() {
      const token = newToken();
      const now = nowMs();
      await store.operators.add({
        ...bearer(token, '', now),
        kind: 'link',
        expiresMs: now + LINK_MS,
      });
      return token;
    },
    async redeem(linkToken, remoteAddress) {
      const now = nowMs();
      const name = await store.operators.redeem(hash(linkToken), now);
      if (name === null) return undefined;
      const token = newToken();
      await store.operators.add({
        ...bearer(token, remoteAddress, now),
        kind: 'session',
        name,
        expiresMs: now + SESSION_MS,
      });
      return { token, name, maxAgeMs: SESSION_MS };
    },
    signOut: (token) => store.operators.remove(hash(token)),
  };
}

/** What a link and the session behind it have in common: they are nobody's, and may do everything. */
function bearer(token: string, remoteAddress: string, nowMs: number) {
  return {
    hash: hash(token),
    id: randomUUID(),
    name: ADMIN.name,
    personId: null,
    role: ADMIN.role,
    scope: null,
    remoteAddress,
    nowMs,
  } as const;
}

/** Hash a token is kept under: whoever reads the database learns no token. */
export function hash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** 256 bits, base64url. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}
