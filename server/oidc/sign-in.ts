import { randomUUID } from 'node:crypto';
import type { Store } from '../store/operations.ts';
import type { Person } from '../store/people.ts';
import type { NewSession, PeopleAccess } from '../trust/people-access.ts';
import { hash, newToken } from '../trust/token.ts';
import { ATTEMPT_MS, attemptOf, isSame } from './attempt.ts';
import { nameOf, roleOf, subjectOf } from './claims.ts';
import { mapsRoles } from './oidc-config.ts';
import { OidcError } from './oidc-error.ts';
import type { OidcProvider, ProviderConfig } from './provider.ts';

/** A sign-in that goes to the provider now. */
type Begun =
  | {
      readonly kind: 'begun';
      /** For the cookie of this browser. */
      readonly secret: string;
      readonly maxAgeMs: number;
      /** Where the browser is to go. */
      readonly location: string;
    }
  | { readonly kind: 'throttled'; readonly waitMs: number };

/** What came of a browser that is back from the provider. */
type Finished =
  | {
      readonly kind: 'ok';
      readonly session: NewSession;
      readonly person: Person;
      /** The account as it was; null: it was made now. */
      readonly before: Person | null;
      /** Names the session at the provider when the browser signs out there. */
      readonly idToken: string | undefined;
      readonly returnTo: string;
    }
  | { readonly kind: 'throttled'; readonly waitMs: number };

/** A browser that is back. */
interface Callback {
  /** Of the address, `?code=…&state=…`. */
  readonly search: string;
  /** The cookie that `begin` has set. */
  readonly secret: string | undefined;
  readonly address: string;
}

/** Signing in by the OpenID provider of the site. */
export interface OidcSignIn {
  readonly issuer: string;
  readonly label: string;
  /** @throws {OidcError} where the provider cannot be asked */
  begin(wish: { readonly returnTo: string; readonly address: string }): Promise<Begun>;
  /**
   * Signs in, or says why not: then nothing was learned and nothing has changed.
   *
   * @throws {OidcError} `oidc.*`; {StoreError} `person.*`
   */
  finish(callback: Callback): Promise<Finished>;
  /**
   * Where a browser whose session has ended here ends it at the provider, with a state that comes back; null
   * where the settings or the provider have nothing for it. @throws {OidcError} where the provider cannot be asked
   */
  signOut(idToken: string | undefined): Promise<SignOut | null>;
}

/** A browser that goes to the provider to sign out. */
interface SignOut {
  readonly location: string;
  readonly state: string;
}

/** What it works with. */
interface Services {
  readonly config: ProviderConfig;
  readonly provider: OidcProvider;
  readonly store: Store;
  readonly people: Pick<PeopleAccess, 'begin'>;
  readonly nowMs: () => number;
}

/** Opens it over the provider and the store. */
export function createOidcSignIn({ config, provider, store, people, nowMs }: Services): OidcSignIn {
  return {
    issuer: config.issuer,
    label: config.label,
    async begin({ returnTo, address }) {
      const secret = newToken();
      const attempt = attemptOf(secret);
      const location = await provider.authorizationUrl(attempt);
      const now = nowMs();
      const waitMs = await store.oidcAttempts.begin({
        stateHash: hash(attempt.state),
        returnTo,
        address,
        nowMs: now,
        expiresMs: now + ATTEMPT_MS,
      });
      if (waitMs > 0) return { kind: 'throttled', waitMs };
      return { kind: 'begun', secret, maxAgeMs: ATTEMPT_MS, location };
    },
    async finish({ search, secret, address }) {
      // Counted as failed before it is looked at, as passwords are.
      const counted = { name: null, address, nowMs: nowMs() };
      const waitMs = await store.signIns.begin(counted);
      if (waitMs > 0) return { kind: 'throttled', waitMs };
      const attempt = secret === undefined ? undefined : attemptOf(secret);
      const given = new URLSearchParams(search).getAll('state');
      if (attempt === undefined || given.length !== 1 || !isSame(given[0] ?? '', attempt.state))
        throw notBegunHere();
      const begun = await store.oidcAttempts.take(hash(attempt.state), nowMs());
      if (begun === null) throw notBegunHere();
      const { claims, idToken } = await provider.claims(search, attempt);
      const subject = subjectOf(claims);
      const name = nameOf(claims, config);
      const told = { subject, ...(name === undefined ? {} : { name }) };
      const { before, person } = await tellingWhom(told, async () => {
        const role = roleOf(claims, config);
        const newRole = mapsRoles(config) ? role : config.defaultRole;
        return await store.people.signInFrom({
          id: randomUUID(),
          issuer: config.issuer,
          subject,
          name,
          role,
          newRole: config.newPeople === 'make' ? newRole : null,
          nowMs: nowMs(),
        });
      });
      const session = await people.begin(person, address);
      await store.signIns.succeeded(counted);
      return { kind: 'ok', session, person, before, idToken, returnTo: begun.returnTo };
    },
    async signOut(idToken) {
      if (config.signOut === 'here') return null;
      const state = newToken();
      const location = await provider.endSessionUrl({ idToken, state });
      return location === null ? null : { location, state };
    },
  };
}

function notBegunHere(): OidcError {
  return new OidcError('oidc.state', 'This sign-in was not begun in this browser, or is over', {
    hint: 'begin again on the sign-in page; cookies have to be on, and it has to be done within ten minutes',
  });
}

/** Errors of somebody whom the provider has told say whom, for the audit log. */
async function tellingWhom<Answer>(
  told: NonNullable<OidcError['told']>,
  work: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const ours = code.startsWith('oidc.') || code.startsWith('person.');
    if (!(error instanceof Error) || !ours) throw error;
    const hint = 'hint' in error && typeof error.hint === 'string' ? { hint: error.hint } : {};
    throw new OidcError(code, error.message, { ...hint, told, cause: error });
  }
}
