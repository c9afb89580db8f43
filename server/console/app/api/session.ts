import { accessMatrix } from '../../../http/access-matrix.ts';
import type { SessionView } from '../../../http/api-people.ts';
import { shellText } from '../text/shell.ts';
import { ApiError, call } from './call.ts';
import { closeFeed, openFeed } from './feed.ts';
import { createStore, useStore } from './store.ts';

/** Who is signed in, as GET /session tells. */
export type Session = ReturnType<typeof SessionView.parse>;

/** What stands between the person and the pages. */
export type SessionState =
  | { readonly kind: 'connecting' }
  /** The server does not answer; it is asked again. */
  | { readonly kind: 'away' }
  | { readonly kind: 'signed-out'; readonly reason: string }
  /** Nobody has an account yet. */
  | { readonly kind: 'first-administrator' }
  | { readonly kind: 'signed-in'; readonly session: Session };

const AGAIN_MS = 2000;
const state = createStore<SessionState>({ kind: 'connecting' });
let isSetUpLater = false;

/** Takes up the session: by the one-time link in the address, or by the cookie. */
export async function startSession(): Promise<void> {
  closeFeed();
  try {
    await redeemLink();
    const session = await call<Session>('GET', '/session');
    if (session.setUp && session.role === 'administrator' && !isSetUpLater) {
      state.set({ kind: 'first-administrator' });
      return;
    }
    openFeed(() => void startSession());
    state.set({ kind: 'signed-in', session });
  } catch (error) {
    if (!(error instanceof ApiError)) {
      state.set({ kind: 'away' });
      setTimeout(() => void startSession(), AGAIN_MS);
      return;
    }
    const isOwn = error.status === 401 && error.code !== 'session.link';
    endSession(isOwn ? takeSignedOutText() : `${error.message}.`);
  }
}

/** Shows the sign-in page with a reason. */
function endSession(reason: string): void {
  closeFeed();
  state.set({ kind: 'signed-out', reason });
}

/** Begins a session by name and password. @throws {ApiError} with what was wrong */
export async function signIn(typed: { name: string; password: string }): Promise<void> {
  await call('POST', '/session', typed);
  await startSession();
}

/** Makes the first account and signs in with it. @throws {ApiError} with what was wrong */
export async function makeFirstAdministrator(typed: {
  name: string;
  password: string;
}): Promise<void> {
  await call('POST', '/people', { ...typed, role: 'administrator' });
  await signIn(typed);
}

/** Goes on without an account, until the page is loaded again. */
export function setUpLater(): void {
  isSetUpLater = true;
  void startSession();
}

/** Ends the session here and, where the OpenID provider began it and has a place for that, there. */
export async function signOut(): Promise<void> {
  const elsewhere = await call<{ location: string | null }>('DELETE', '/session');
  if (elsewhere.location === null) endSession(shellText.signIn.signedOut);
  else location.assign(elsewhere.location);
}

/** Leads to the OpenID provider, which leads back to where the person was. */
export async function goToProvider(): Promise<void> {
  const returnTo = `${location.pathname}${location.search}${location.hash}`;
  const begun = await call<{ location: string }>('POST', '/sign-in/oidc', { returnTo });
  location.assign(begun.location);
}

/** What stands between the person and the pages, as it changes. */
export function useSessionState(): SessionState {
  return useStore(state);
}

/** Who is signed in. Only for what is shown to those who are. */
export function useSession(): Session {
  const now = useSessionState();
  if (now.kind !== 'signed-in') throw new Error('nobody is signed in');
  return now.session;
}

/**
 * Whether this person's role may call a route, `POST /devices/:id/approve`: what it may not is not offered. The
 * server decides by the same table.
 */
export function useMay(): (route: string) => boolean {
  const { role } = useSession();
  return (route) => {
    const roles = accessMatrix.get(route.replace(' /', ' /api/v1/'));
    if (roles === undefined) throw new Error(`there is no route ${route}`);
    return roles.includes(role);
  };
}

/** An error of any call: one that says that the session is over shows the sign-in page. @returns whether it did */
export function endIfOver(error: unknown): boolean {
  if (!(error instanceof ApiError) || error.status !== 401) return false;
  endSession(shellText.signIn.ended);
  return true;
}

/** A one-time link carries its code behind `#`, where no server log and no referrer sees it. */
async function redeemLink(): Promise<void> {
  const code = new URLSearchParams(location.hash.slice(1)).get('link');
  if (code === null) return;
  history.replaceState(null, '', `${location.pathname}${location.search}`);
  await call('POST', '/session', { link: code });
}

/** Told once to a browser that is back from signing out at the provider. */
function takeSignedOutText(): string {
  if (location.hash !== '#signed-out') return '';
  history.replaceState(null, '', `${location.pathname}${location.search}`);
  return shellText.signIn.signedOutThere;
}
