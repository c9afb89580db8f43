import { randomUUID, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import type { Store } from '../store/operations.ts';
import { readOrMake } from './key-file.ts';
import { createPasswordHasher, type PasswordHasher } from './password-hasher.ts';
import {
  createPeopleAccess,
  type NewSession,
  type PeopleAccess,
  SESSION_MS,
} from './people-access.ts';
import type { Caller } from './person-role.ts';
import { hash, newToken } from './token.ts';

/** How long the link to sign in is good. */
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
  /** Accounts, passwords and API tokens. */
  readonly people: PeopleAccess;
  /** By `authorization: Bearer <token>` or the session cookie's value; undefined for a token that is none. */
  identify(token: string): Promise<Caller | undefined>;
  /** Makes the token of a link that signs an operator in once, within a day. */
  newLinkToken(): Promise<string>;
  /** Uses a link up and answers a session's token for the cookie; undefined when the link is none. */
  redeem(linkToken: string, remoteAddress: string): Promise<NewSession | undefined>;
  /** Ends a session. */
  signOut(token: string): Promise<void>;
}

/** Opens operators' access, making the admin token file at the first start. */
export async function openOperatorAccess(
  dataDirectory: string,
  store: Store,
  options: { readonly nowMs: () => number; readonly hasher?: PasswordHasher },
): Promise<OperatorAccess> {
  const { nowMs, hasher = createPasswordHasher() } = options;
  const tokenFile = join(dataDirectory, 'admin-token');
  const adminHash = hash((await readOrMake(tokenFile, () => `${newToken()}\n`)).trim());
  return {
    tokenFile,
    people: createPeopleAccess(store, hasher, nowMs),
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
      return { token, name, role: ADMIN.role, maxAgeMs: SESSION_MS };
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
