import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Person } from '../../store/people.ts';
import { openTestApp, type TestApp } from '../../test-app.ts';
import { openSiteCa } from '../../trust/site-ca.ts';
import { OidcConfig } from '../oidc-config.ts';
import { type ProviderConfig, providerConfig } from '../provider.ts';
import { openTestBrowser, type TestBrowser } from './test-browser.ts';
import { openTestProvider, type TestProvider } from './test-provider.ts';

/** A whole server with a provider, each on loopback with a CA of its own. */
export interface TestOidcSite extends AsyncDisposable {
  readonly site: TestApp;
  readonly provider: TestProvider;
  readonly config: ProviderConfig;
  browser(): TestBrowser;
  /** A browser with the cookies of another, at another listener of the same host: cookies know no ports. */
  atListener(url: string, other: TestBrowser): TestBrowser;
  /** Goes to the provider and comes back; `at` the provider, before it comes back. */
  signIn(browser: TestBrowser, options?: SignInOptions): ReturnType<TestBrowser['get']>;
  /** All that a sign-in may change. */
  facts(): Promise<{ readonly people: readonly Person[]; readonly sessions: number }>;
  audited(action: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

interface SignInOptions {
  readonly returnTo?: string;
  readonly at?: (callback: string) => string;
}

/** Groups of the provider, and what they are here. */
const roles = {
  administrator: ['site-admins'],
  author: ['authors'],
  operator: ['bench'],
  auditor: ['audit'],
};

/** Opens it. @param settings of `oidc`, beside those that lead to the provider */
export async function openTestOidcSite(
  settings: Readonly<Record<string, unknown>> = {},
): Promise<TestOidcSite> {
  const directory = await mkdtemp(join(tmpdir(), 'metalwright-oidc-'));
  const { serverKey, serverCertificate } = await openSiteCa(directory, []);
  const clock = { nowMs: () => Date.now() };
  const provider = await openTestProvider({
    tls: { key: serverKey, cert: serverCertificate },
    nowMs: () => clock.nowMs(),
  });
  const config = providerConfig(
    OidcConfig.parse({
      issuer: provider.issuer,
      clientId: provider.clientId,
      clientSecret: provider.clientSecret,
      consoleUrl: 'https://console.example:7400',
      caFile: join(directory, 'site-ca.pem'),
      timeoutSeconds: 5,
      roles,
      label: 'Sign in with Example',
      ...settings,
    }),
  );
  if (config === undefined) throw new Error('no provider in the settings');
  const site = await openTestApp({ settings: { oidc: config } });
  clock.nowMs = () => site.clock.nowMs;
  return {
    site,
    provider,
    config,
    browser: () => openTestBrowser(() => site.app.addresses.console, site.ca),
    atListener(url, { cookies }) {
      const made = openTestBrowser(() => url, site.ca);
      for (const [name, value] of cookies) made.cookies.set(name, value);
      return made;
    },
    async signIn(browser, { returnTo = '/', at = (callback: string) => callback } = {}) {
      const begun = await browser.post('/api/v1/sign-in/oidc', { returnTo });
      if (begun.status !== 200) return begun;
      const { location } = JSON.parse(begun.text) as { location: string };
      const { pathname, search } = new URL(at(provider.authorize(location)));
      return await browser.get(`${pathname}${search}`);
    },
    async facts() {
      const { operators, people } = site.app.store;
      const open = await operators.list({ kind: 'session', nowMs: site.clock.nowMs });
      return { people: await people.list(), sessions: open.length };
    },
    async audited(action) {
      const entries = await site.app.store.audit.list(1000);
      return entries.filter((entry) => entry.action === action).map(({ detail }) => detail);
    },
    async [Symbol.asyncDispose]() {
      await site[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
