import { randomUUID } from 'node:crypto';
import { InventoryError } from '../inventory/error.ts';
import { passwordProblem } from '../inventory/password-rules.ts';
import type { Store } from '../store/operations.ts';
import type { Person } from '../store/people.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { type Caller, maySpeakAs, type PersonRole, type TokenScope } from './person-role.ts';
import { hash, newToken } from './token.ts';

/** How long a browser stays signed in. */
export const SESSION_MS = 12 * 60 * 60 * 1000;
/** By this beginning, programs that look for tokens in files find ours. */
const TOKEN_PREFIX = 'mw_';

/** A session that was begun: its token, for the cookie, and whose it is. */
export interface NewSession {
  readonly token: string;
  readonly name: string;
  readonly role: PersonRole;
  readonly maxAgeMs: number;
}

/** What came of an attempt to sign in. */
type SignIn =
  | { readonly kind: 'ok'; readonly session: NewSession; readonly person: Person }
  | { readonly kind: 'refused'; readonly isKnown: boolean; readonly reason: string }
  | { readonly kind: 'throttled'; readonly waitMs: number };

/** Name and password, and from where. */
export interface Credentials {
  readonly name: string;
  readonly password: string;
  readonly address: string;
}

/** Accounts, passwords and API tokens of people. */
export interface PeopleAccess {
  /** @throws {BusyError} `session.busy` */
  signIn(credentials: Credentials): Promise<SignIn>;
  /** The hash of a new password. @throws {InventoryError} `person.password`; {BusyError} `session.busy` */
  hashNew(password: string, name: string): Promise<string>;
  /** Begins a session of somebody who has proved who he is. */
  begin(person: Person, address: string): Promise<NewSession>;
  /** Makes an API token, told once. @throws {InventoryError} `token.role`, `token.end` */
  newApiToken(maker: Caller, wish: ApiTokenWish): Promise<{ readonly id: string; token: string }>;
}

/** What an API token is asked for. */
interface ApiTokenWish {
  readonly name: string;
  readonly role: PersonRole;
  readonly scope: TokenScope;
  readonly expiresMs: number;
  readonly address: string;
}

/** Opens it over the store. */
export function createPeopleAccess(
  store: Store,
  hasher: PasswordHasher,
  nowMs: () => number,
): PeopleAccess {
  const begin = async (person: Person, address: string): Promise<NewSession> => {
    const token = newToken();
    const now = nowMs();
    await store.operators.add({
      hash: hash(token),
      id: randomUUID(),
      kind: 'session',
      name: person.name,
      personId: person.id,
      role: person.role,
      scope: null,
      remoteAddress: address,
      nowMs: now,
      expiresMs: now + SESSION_MS,
    });
    await store.people.noteSignIn(person.id, now);
    return { token, name: person.name, role: person.role, maxAgeMs: SESSION_MS };
  };
  return {
    begin,
    async signIn({ name, password, address }) {
      const attempt = { name, address, nowMs: nowMs() };
      const waitMs = await store.signIns.begin(attempt);
      if (waitMs > 0) return { kind: 'throttled', waitMs };
      const known = await store.people.credentials(name);
      const kept = known === null || known.passwordHash === '' ? undefined : known.passwordHash;
      const verdict = await hasher.check(password, kept);
      if (known === null) return { kind: 'refused', isKnown: false, reason: 'no such account' };
      if (verdict === 'wrong' || known.person.disabled) {
        const reason =
          verdict !== 'wrong'
            ? 'the account is disabled'
            : kept === undefined
              ? 'the account has no password'
              : 'wrong password';
        return { kind: 'refused', isKnown: true, reason };
      }
      await store.signIns.succeeded(attempt);
      if (verdict === 'outdated' && kept !== undefined)
        await store.people.rehash(known.person.id, {
          before: kept,
          after: await hasher.hash(password),
        });
      return { kind: 'ok', session: await begin(known.person, address), person: known.person };
    },
    async hashNew(password, name) {
      const problem = passwordProblem(password, name);
      if (problem !== undefined)
        throw new InventoryError('person.password', `This will not do: ${problem}`, {
          hint: 'several words that do not belong together are long and easy to keep in mind',
        });
      return await hasher.hash(password);
    },
    async newApiToken(maker, { name, role, scope, expiresMs, address }) {
      if (!maySpeakAs(maker.role, role))
        throw new InventoryError('token.role', `${maker.name} is ${maker.role}, not ${role}`, {
          hint: 'a token may do what its maker may, and no more',
        });
      const now = nowMs();
      if (expiresMs <= now)
        throw new InventoryError('token.end', 'The end of the token is past already');
      const token = `${TOKEN_PREFIX}${newToken()}`;
      const id = randomUUID();
      await store.operators.add({
        hash: hash(token),
        id,
        kind: 'api',
        name,
        personId: maker.personId,
        role,
        scope,
        remoteAddress: address,
        nowMs: now,
        expiresMs,
      });
      return { id, token };
    },
  };
}
