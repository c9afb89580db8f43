import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestConsole } from '../http/routes/operator/test-console.ts';
import { openTestOidcSite, type TestOidcSite } from '../oidc/testing/test-oidc-site.ts';
import { launchBrowser } from './testing/chromium.ts';
import { consoleForTests } from './testing/console-for-tests.ts';
import { checkPage, hasChromium, openContext, openPage } from './testing/test-browser.ts';

describe.skipIf(!hasChromium)('signing in', () => {
  const test = consoleForTests();

  it('is asked for without a session, and when the link was used', async () => {
    const { page, close } = await openContext(test.browser, { expected: ['401'] });
    await page.goto(`${test.origin}/#link=used`);
    await page.getByText('This link was used already').waitFor();
    await page.getByText('metalwright admin-link').waitFor();
    await checkPage(page, 'sign-in');
    await close();
  });

  it('takes the link out of the address', async () => {
    const { page, close } = await test.openPage();
    await page.getByRole('heading', { name: 'Bench' }).waitFor();
    expect(new URL(page.url()).hash).toBe('');
    await close();
  });

  it('takes name and password, and says what is wrong', async () => {
    const { page, close } = await openContext(test.browser, { expected: ['401'] });
    await page.goto(`${test.origin}/network`);
    await page.getByLabel('Name').fill('Ann');
    await page.getByLabel('Password', { exact: true }).fill('nonsense');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Name and password do not belong together').waitFor();
    await checkPage(page, 'sign-in-refused');
    expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe('');
    await page.getByLabel('Password', { exact: true }).fill(test.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    // At the page that the address names.
    await page.getByRole('heading', { name: 'Boot requests' }).waitFor();
    await page.getByText('Ann, administrator').waitFor();
    await close();
  });

  it('ends where the session ends, with the reason', async () => {
    const { page, context, close } = await test.openPage({ expected: ['401'] });
    await page.getByText('live', { exact: true }).waitFor();
    await context.clearCookies();
    await page.getByText('The session has ended.').waitFor();
    await close();
  });

  it('makes the first administrator where nobody has an account', async () => {
    await using fresh = await openTestConsole({ tls: true });
    await fresh.listen();
    const { page, close } = await openPage(test.browser, fresh);
    await page.getByRole('heading', { name: 'The first administrator' }).waitFor();
    await page.getByLabel('Name').fill('Bea');
    await page.getByLabel('Password', { exact: true }).fill('forty mice in the attic');
    await checkPage(page, 'set-up');
    await page.getByRole('button', { name: 'Make the account' }).click();
    await page.getByRole('heading', { name: /^Machines/ }).waitFor();
    expect(
      (await fresh.services.store.people.list()).map(({ name, role }) => [name, role]),
    ).toEqual([['Bea', 'administrator']]);
    await close();
  });

  it('goes on without an account when that is put off', async () => {
    await using fresh = await openTestConsole({ tls: true });
    await fresh.listen();
    const { page, close } = await openPage(test.browser, fresh);
    await page.getByRole('button', { name: 'Later' }).click();
    await page.getByRole('heading', { name: /^Machines/ }).waitFor();
    await close();
  });
});

describe.skipIf(!hasChromium)('signing in by an OpenID provider', () => {
  /** The address in the settings, which the browser finds here. */
  const address = 'https://console.example:7400';
  let oidc: TestOidcSite;
  let browser: Browser;
  beforeAll(async () => {
    oidc = await openTestOidcSite();
    oidc.provider.endsSessions = true;
    const { port } = new URL(oidc.site.app.addresses.console);
    browser = await launchBrowser(
      `--host-resolver-rules=MAP console.example:7400 127.0.0.1:${port}`,
    );
  });
  afterAll(async () => {
    await browser?.close();
    await oidc?.[Symbol.asyncDispose]();
  });

  it.each(['light', 'dark'] as const)(
    'begins with a button, says why not, and ends there: %s',
    async (scheme) => {
      const { page, close } = await openContext(browser, {
        dark: scheme === 'dark',
        // Without a session it is asked for; the refused page is a 403.
        expected: ['status of 401', 'status of 403'],
      });
      oidc.provider.person = { sub: '0', preferred_username: 'Nobody', groups: ['strangers'] };
      await page.goto(`${address}/`);
      await page.getByRole('button', { name: 'Sign in with Example' }).waitFor();
      await checkPage(page, `sign-in-oidc-${scheme}`);
      await page.getByRole('button', { name: 'Sign in with Example' }).click();
      await page.getByText('None of the groups that the provider tells').waitFor();
      await checkPage(page, `sign-in-oidc-refused-${scheme}`);
      oidc.provider.person = { sub: '1', preferred_username: 'Ann', groups: ['site-admins'] };
      await page.getByRole('link', { name: 'To the sign-in page' }).click();
      await page.getByRole('button', { name: 'Sign in with Example' }).click();
      await page.getByText('No machine is known yet').waitFor();
      expect(page.url()).toBe(`${address}/`);
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByText('You are signed out, here and at the provider.').waitFor();
      await checkPage(page, `signed-out-${scheme}`);
      expect(page.url()).toBe(`${address}/`);
      await close();
    },
  );
});
