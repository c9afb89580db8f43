import { access } from 'node:fs/promises';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestOidcSite, type TestOidcSite } from '../oidc/testing/test-oidc-site.ts';

const CHROMIUM = '/usr/bin/chromium';
const hasChromium = await access(CHROMIUM).then(
  () => true,
  () => false,
);
if (!hasChromium && process.env['REQUIRE_PEERS'] === '1')
  throw new Error(`${CHROMIUM} is missing: apt-get install chromium`);
/** Where to leave pictures of the page, for somebody to look at. */
const pictures = process.env['CONSOLE_PICTURES'];
/** The address in the settings, which the browser finds here. */
const console = 'https://console.example:7400';

let oidc: TestOidcSite;
let browser: Browser;
beforeAll(async () => {
  if (!hasChromium) return;
  oidc = await openTestOidcSite();
  oidc.provider.endsSessions = true;
  const { port } = new URL(oidc.site.app.addresses.console);
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--host-resolver-rules=MAP console.example:7400 127.0.0.1:${port}`,
    ],
  });
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await oidc?.[Symbol.asyncDispose]();
});

it.skipIf(!hasChromium).each(['light', 'dark'] as const)(
  'signs in by the provider with a button, says why not, and signs out there: %s',
  async (colorScheme) => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, colorScheme });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      const isAsked = message.text().includes('status of 401');
      if (message.type() === 'error' && !isAsked) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    const picture = async (name: string) => {
      const path = `${pictures}/${name}-${colorScheme}.png`;
      if (pictures !== undefined) await page.screenshot({ path, fullPage: true });
    };
    oidc.provider.person = { sub: '0', preferred_username: 'Nobody', groups: ['strangers'] };
    await page.goto(`${console}/`);
    await page.getByRole('button', { name: 'Sign in with Example' }).waitFor();
    await picture('sign-in-oidc');
    await page.getByRole('button', { name: 'Sign in with Example' }).click();
    await page.getByText('None of the groups that the provider tells').waitFor();
    await picture('sign-in-refused');
    oidc.provider.person = { sub: '1', preferred_username: 'Ann', groups: ['site-admins'] };
    complaints.length = 0;
    await page.getByRole('link', { name: 'To the sign-in page' }).click();
    await page.getByRole('button', { name: 'Sign in with Example' }).click();
    await page.getByText('Nothing has run yet').waitFor();
    expect(page.url()).toBe(`${console}/`);
    await picture('signed-in');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out, here and at the provider.').waitFor();
    await picture('signed-out');
    expect(page.url()).toBe(`${console}/`);
    expect(complaints).toEqual([]);
    await context.close();
  },
  60_000,
);
