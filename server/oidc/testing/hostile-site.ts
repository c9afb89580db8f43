import type { ServerResponse } from 'node:http';
import { expect } from 'vitest';
import { openTestOidcSite, type TestOidcSite } from './test-oidc-site.ts';
import type { Misdeeds } from './test-provider.ts';

/** A site with an account that a provider which does wrong could mean. */
export interface HostileSite extends AsyncDisposable {
  readonly oidc: TestOidcSite;
  /** Before each test: nothing is wrong yet. */
  reset(): void;
  /** A sign-in that is refused with a code, teaches nothing and changes nothing. @returns the page */
  refused(
    code: string,
    misdeeds: Misdeeds,
    options?: Parameters<TestOidcSite['signIn']>[1],
  ): Promise<string>;
}

/** Opens it. */
export async function openHostileSite(): Promise<HostileSite> {
  const oidc = await openTestOidcSite({ timeoutSeconds: 5 });
  const { provider, site } = oidc;
  // Somebody is there whom a forged token could mean.
  await site.app.store.people.add({
    id: 'ann',
    name: 'Ann',
    role: 'administrator',
    passwordHash: '',
    provider: { issuer: provider.issuer, subject: 'ann-1' },
    nowMs: site.clock.nowMs,
  });
  return {
    oidc,
    reset() {
      provider.misdeeds = {};
      provider.person = { sub: 'ann-1', preferred_username: 'Ann', groups: ['site-admins'] };
      // The clock of failed attempts goes on: each test is a first one.
      site.clock.nowMs += 25 * 60 * 60_000;
    },
    async refused(code, misdeeds, options = {}) {
      const before = await oidc.facts();
      await using browser = oidc.browser();
      provider.misdeeds = misdeeds;
      const answer = await oidc.signIn(browser, options);
      expect([answer.status >= 400, answer.text]).toEqual([true, expect.stringContaining(code)]);
      expect(answer.text).not.toContain(provider.clientSecret);
      expect([...browser.cookies.keys()]).not.toContain('metalwright-session');
      expect(await oidc.facts()).toEqual(before);
      return answer.text;
    },
    [Symbol.asyncDispose]: () => oidc[Symbol.asyncDispose](),
  };
}

/** Answers all requests of a path alike. */
export function send(value: string, type = 'application/json', status = 200) {
  return (_request: unknown, response: ServerResponse) => {
    response.writeHead(status, { 'content-type': type }).end(value);
  };
}
