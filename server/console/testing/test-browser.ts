import { access } from 'node:fs/promises';
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import { z } from 'zod';
import type { TestConsole } from '../../http/routes/operator/test-console.ts';
import { consoleFolder } from '../built-console.ts';
import { CHROMIUM } from './chromium.ts';

/** Where to leave pictures of the pages, for somebody to look at. */
const pictures = process.env['CONSOLE_PICTURES'];
/** The rules that WCAG 2.2 AA has, and what is good practice beside. */
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Whether there is a browser: tests are skipped without one, and fail where all programs are demanded. */
export const hasChromium: boolean = await isThere(CHROMIUM);
if (!hasChromium && process.env['REQUIRE_PEERS'] === '1')
  throw new Error(`${CHROMIUM} is missing: apt-get install chromium`);
if (!(await isThere(`${consoleFolder}/index.html`)))
  throw new Error('the console is not built: npm run build-console');

/** How a page is opened. */
export interface PageOptions {
  readonly path?: string;
  readonly dark?: boolean;
  readonly width?: number;
  readonly height?: number;
  /** Texts of complaints that are part of the test, a status of 400. */
  readonly expected?: readonly string[];
}

/** A page of the console that somebody is signed in at. */
export interface TestPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Fails if the browser complained of anything, a refused inline style, say; then closes it. */
  readonly close: () => Promise<void>;
}

/** Opens a page in a browser of its own, signed in by a one-time link as an administrator. */
export async function openPage(
  browser: Browser,
  site: TestConsole,
  { path = '/', ...options }: PageOptions = {},
): Promise<TestPage> {
  const opened = await openContext(browser, options);
  const [{ port }] = z
    .tuple([z.object({ port: z.number() })])
    .rest(z.unknown())
    .parse(site.app.addresses());
  const link = await site.services.access.newLinkToken();
  await opened.page.goto(`https://127.0.0.1:${port}${path}#link=${link}`);
  return opened;
}

/** A browser of its own, at no page yet. */
export async function openContext(
  browser: Browser,
  { dark = false, width = 1280, height = 900, expected = [] }: PageOptions = {},
): Promise<TestPage> {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    colorScheme: dark ? 'dark' : 'light',
    viewport: { width, height },
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return {
    page,
    context,
    async close() {
      const own = complaints.filter((text) => !expected.some((part) => text.includes(part)));
      expect(own).toEqual([]);
      await context.close();
    },
  };
}

const Violations = z.array(
  z.object({
    id: z.string(),
    help: z.string(),
    nodes: z.array(z.object({ html: z.string(), failureSummary: z.string().optional() })),
  }),
);

/**
 * What a page has to be whatever it shows: no violation that axe finds, and nothing that scrolls sideways. Leaves a
 * picture of it. The debugger's way into the page is not bound by its content security policy.
 */
export async function checkPage(page: Page, name: string): Promise<void> {
  if (pictures !== undefined)
    await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });
  await page.evaluate(axe.source);
  const found = await page.evaluate(async (values) => {
    const scope = globalThis as unknown as {
      axe: { run: (options: unknown) => Promise<{ violations: unknown }> };
    };
    return (await scope.axe.run({ runOnly: { type: 'tag', values } })).violations;
  }, rules);
  const told = Violations.parse(found).map(({ id, help, nodes }) => ({
    rule: `${id}: ${help}`,
    at: nodes.slice(0, 3).map(({ html, failureSummary }) => `${html} ${failureSummary ?? ''}`),
  }));
  expect(told, `axe on ${name}`).toEqual([]);
  const { scrollWidth, clientWidth } = await page.evaluate(() => {
    const { documentElement } = Reflect.get(globalThis, 'document');
    return {
      scrollWidth: documentElement.scrollWidth,
      clientWidth: documentElement.clientWidth,
    };
  });
  expect(scrollWidth, `${name} scrolls sideways`).toBeLessThanOrEqual(clientWidth);
}

/** Fills in the sign-in page, when it is there: the bench has a field that begins with "Name", too. */
export async function signIn(page: Page, name: string, password: string): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
