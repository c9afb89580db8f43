import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { pagePaths } from '#server/console/page-paths.ts';
import { launchBrowser } from '#server/console/testing/chromium.ts';
import { fillSampleSite } from '#server/console/testing/sample-site.ts';
import { addPerson } from '#server/http/routes/operator/test-bench.ts';
import { openTestConsole } from '#server/http/routes/operator/test-console.ts';

/**
 * `node scripts/screenshots.ts [--out DIRECTORY]`: a picture of every page of the console, light, dark and as wide as
 * a tablet, of a site that is made up. For somebody to look at; the README shows some.
 */
const { values } = parseArgs({ options: { out: { type: 'string', default: 'screenshots' } } });
const folder = resolve(values.out);
const views = [
  { name: 'light', width: 1280, colorScheme: 'light' },
  { name: 'dark', width: 1280, colorScheme: 'dark' },
  { name: 'tablet', width: 820, colorScheme: 'light' },
] as const;

await mkdir(folder, { recursive: true });
await using site = await openTestConsole({ tls: true });
const sample = await fillSampleSite(site);
await addPerson(site, 'Ann');
const base = await site.listen();
const browser = await launchBrowser();
/** What is looked at on the pages that are of one thing. */
const ids: Readonly<Record<string, string>> = {
  '/devices/:id': sample.device,
  '/collections/:id': sample.collection,
  '/deployments/:id': sample.deployment,
  '/runs/:id': sample.failedRun,
};
for (const { name: view, width, colorScheme } of views) {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    colorScheme,
    viewport: { width, height: 900 },
  });
  const page = await context.newPage();
  await page.goto(base);
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await page.screenshot({ path: join(folder, `sign-in-${view}.png`) });
  // Another hash alone loads nothing.
  await page.goto('about:blank');
  await page.goto(`${base}/#link=${await site.services.access.newLinkToken()}`);
  await page.getByText('live', { exact: true }).waitFor();
  for (const path of pagePaths) {
    const id = ids[path];
    if (path.includes(':') && id === undefined) continue;
    const query = path === '/deployments/new' ? '?sequence=Bench+install&to=Room+5' : '';
    await page.goto(`${base}${path.replace(':id', id ?? '')}${query}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('load');
    // Answers that are asked for when the page is there.
    await page.waitForTimeout(700);
    const name = path === '/' ? 'bench' : path.slice(1).replaceAll('/', '-').replace(':id', 'one');
    await page.screenshot({ path: join(folder, `${name}-${view}.png`) });
  }
  await context.close();
}
await browser.close();
console.log(`${views.length} pictures of each page: ${folder}`);
