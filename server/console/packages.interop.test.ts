import { access } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Application } from '#agent/sequence/application.ts';
import { openTestConsole, type TestConsole } from '../http/routes/operator/test-console.ts';

const CHROMIUM = '/usr/bin/chromium';
const hasChromium = await access(CHROMIUM).then(
  () => true,
  () => false,
);
if (!hasChromium && process.env['REQUIRE_PEERS'] === '1')
  throw new Error(`${CHROMIUM} is missing: apt-get install chromium`);
/** Where to leave pictures of the page, for somebody to look at. */
const pictures = process.env['CONSOLE_PICTURES'];

let site: TestConsole;
let base: string;
let browser: Browser;
beforeAll(async () => {
  if (!hasChromium) return;
  site = await openTestConsole({ tls: true });
  base = await site.listen();
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  });
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await site?.[Symbol.asyncDispose]();
});

async function addPackage(name: string, kind: 'package' | 'os-image' = 'package') {
  const { store, content } = site.services;
  const objects = [await content.ingest(Readable.from([Buffer.from(`of ${name}`)]), 'file')];
  return await store.packages.add({ name, kind, objects, images: [] }, 1);
}

it.skipIf(!hasChromium)(
  'M52 lists packages with their versions, and what each distribution point has of them',
  async () => {
    const { store } = site.services;
    const tools = await addPackage('Tools');
    await addPackage('Tools');
    const gold = await addPackage('Gold', 'os-image');
    const bad = await addPackage('Broken <b>one</b>');
    await store.software.addApplication(
      Application.parse({
        name: 'Mail',
        deploymentTypes: [{ name: 'S', install: 'i', detection: { script: 'f' } }],
      }),
      1,
    );
    const url = 'http://10.9.0.2:8080';
    const branch = await store.distributionPoints.create({ name: 'Branch', url }, 1);
    const note = (packageId: typeof gold.id, state: 'present' | 'damaged', detail = '') => ({
      packageId,
      version: 1,
      state,
      detail,
    });
    await store.pointPackages.note(
      branch.id,
      [
        note(tools.id, 'present'),
        note(gold.id, 'present'),
        note(bad.id, 'damaged', '1 object is another'),
      ],
      { only: true, nowMs: 1 },
    );
    const views = [
      { name: 'packages', width: 1280, dark: false },
      { name: 'packages-dark', width: 390, dark: true },
    ];
    for (const { name, width, dark } of views) {
      const context = await browser.newContext({
        ignoreHTTPSErrors: true,
        colorScheme: dark ? 'dark' : 'light',
        viewport: { width, height: 900 },
      });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      await page.goto(`${base}/#link=${await site.services.access.newLinkToken()}`);
      await page.getByRole('button', { name: 'Later' }).click();
      const panel = page.getByRole('region', { name: 'Packages, images and applications' });
      await panel.getByText('Versions, and which distribution points').click();
      const row = (of: string) => panel.getByRole('listitem').filter({ hasText: of });
      await row('Gold').getByText('everywhere').waitFor();
      await row('Gold').getByText(`OS image, ${gold.id}`).waitFor();
      await row('Tools').getByText('1 without').waitFor();
      await row('Tools').getByText('version 2, 8 B').waitFor();
      await row('Tools').getByText('Branch: version 1 only').waitFor();
      await row('Tools').getByText('This server: all of it').waitFor();
      await row('Broken <b>one</b>').getByText('Branch: damaged, 1 object is another').waitFor();
      await row('Mail').getByText('no files').waitFor();
      if (pictures !== undefined)
        await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });
      await panel.getByLabel('Name, id or kind').fill('os image');
      await expect.poll(() => panel.locator('.package').count()).toBe(1);
      await panel.getByLabel('Name, id or kind').fill('nothing like that');
      await panel.getByText('There is no such package').waitFor();
      expect(complaints).toEqual([]);
      await context.close();
    }
  },
  60_000,
);
