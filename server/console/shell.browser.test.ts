import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { consoleFolder } from './built-console.ts';
import { pagePaths } from './page-paths.ts';
import { consoleForTests } from './testing/console-for-tests.ts';
import { checkPage, hasChromium } from './testing/test-browser.ts';

/** All that is loaded before the first page, compressed. */
const START_BYTES = 200_000;

describe.skipIf(!hasChromium)('what surrounds the pages', () => {
  const test = consoleForTests();

  it.each(pagePaths.filter((path) => !path.includes(':')))(
    'has a page at %s without a violation, empty, light and dark',
    async (path) => {
      for (const dark of [false, true]) {
        const { page, close } = await test.openPage({ path, dark });
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.getByText('live', { exact: true }).waitFor();
        const name = path === '/' ? 'bench' : path.slice(1);
        await checkPage(page, `empty-${name}${dark ? '-dark' : ''}`);
        await close();
      }
    },
  );

  it('is walked by keyboard: the skip link, then the list of pages', async () => {
    const { page, close } = await test.openPage();
    await page.getByText('No machine is known yet').waitFor();
    await page.keyboard.press('Tab');
    await expect
      .poll(() => page.evaluate('document.activeElement.textContent'))
      .toBe('Skip to the page');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('page');
    await page.getByRole('link', { name: 'Runs' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Nothing has run yet').waitFor();
    expect(new URL(page.url()).pathname).toBe('/runs');
    expect(await page.title()).toBe('Runs · Metalwright');
    expect(await page.evaluate('document.activeElement.id')).toBe('page');
    expect(await page.getByRole('link', { name: 'Runs' }).getAttribute('aria-current')).toBe(
      'page',
    );
    await page.goBack();
    await page.getByText('No machine is known yet').waitFor();
    await close();
  });

  it('is light or dark as it is told, and remembers it', async () => {
    const { page, close } = await test.openPage();
    await page.getByRole('button', { name: 'Colours' }).click();
    await page.getByRole('menuitem', { name: 'Dark' }).click();
    const scheme = () =>
      page.evaluate<string>('document.documentElement.dataset.mantineColorScheme');
    await expect.poll(scheme).toBe('dark');
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await scheme()).toBe('dark');
    await close();
  });

  it('opens the list of pages on a tablet', async () => {
    const { page, close } = await test.openPage({ width: 820 });
    await page.getByRole('heading', { name: 'Bench' }).waitFor();
    expect(await page.getByRole('link', { name: 'Content' }).isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Open the list of pages' }).click();
    await checkPage(page, 'tablet-menu');
    await page.getByRole('link', { name: 'Content' }).click();
    await page.getByText('There is no such package').waitFor();
    expect(await page.getByRole('link', { name: 'Content' }).isVisible()).toBe(false);
    await close();
  });

  it('tells when the server is away, and goes on when it is back', async () => {
    const { page, close } = await test.openPage({ expected: ['net::ERR'] });
    await page.getByText('live', { exact: true }).waitFor();
    await page.route('**/api/v1/session', (route) => route.abort());
    await page.reload();
    await page.getByText('The server does not answer').waitFor();
    await checkPage(page, 'away');
    await page.unroute('**/api/v1/session');
    await page.getByText('live', { exact: true }).waitFor();
    await close();
  });

  it('has a start that is small, and no file for others to load', async () => {
    const index = await readFile(join(consoleFolder, 'index.html'), 'utf8');
    const names = [...index.matchAll(/"\/console\/([^"]+\.(?:js|css))"/g)].map(
      ([, name = '']) => name,
    );
    expect(names.length).toBeGreaterThanOrEqual(2);
    const sizeOf = async (name: string) =>
      (await stat(join(consoleFolder, `${name}.br`)).catch(() => stat(join(consoleFolder, name))))
        .size;
    const start = (await Promise.all(names.map(sizeOf))).reduce((sum, size) => sum + size, 0);
    const files = (await readdir(consoleFolder)).filter((name) => /\.(js|css)$/.test(name));
    const all = (await Promise.all(files.map(sizeOf))).reduce((sum, size) => sum + size, 0);
    console.info(
      `console: ${(start / 1000).toFixed(0)} kB to start, ${(all / 1000).toFixed(0)} kB in ${files.length} files (Brotli)`,
    );
    expect(start).toBeLessThan(START_BYTES);
    expect(index).not.toMatch(/<style|style=|<script(?![^>]*src=)/);
    for (const name of files)
      expect(await readFile(join(consoleFolder, name), 'utf8'), name).not.toMatch(
        /url\((["']?)(https?:|data:)/,
      );
  });
});
