import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  addDevice,
  addFacts,
  finished,
  runFinished,
  runStarted,
  started,
  startRun,
} from '../http/routes/operator/test-bench.ts';
import type { TestConsole } from '../http/routes/operator/test-console.ts';
import { consoleForTests } from './testing/console-for-tests.ts';
import { checkPage, hasChromium } from './testing/test-browser.ts';

const tooSmall = {
  code: 'disk.too-small',
  message: 'Disk 0 (KINGSTON SA400) has 120 GB; the partitions need 250 GB',
};

describe.skipIf(!hasChromium)('tiles of the bench', () => {
  const test = consoleForTests();
  beforeAll(() => fillBench(test.site));

  const namesOf = async (page: Page) =>
    await page
      .getByRole('article')
      .evaluateAll((tiles: unknown[]) =>
        tiles.map((tile) =>
          (tile as { getAttribute(name: string): string }).getAttribute('aria-label'),
        ),
      );

  it('stand in the order of their ports, each with what it does', async () => {
    const { page, close } = await test.openPage();
    await page.getByRole('article', { name: 'PC12' }).waitFor();
    // Numbers count: port 2 before port 10. Without a port they come last.
    expect(await namesOf(page)).toEqual(['PC14', 'PC12', 'PC13', '02:00:00:00:00:77', 'PC15']);
    const running = page.getByRole('article', { name: 'PC12' });
    await running.getByText('Step 2 of 5 · Apply Operating System Image').waitFor();
    await running.getByText('41.3 MB/s · 29 s left').waitFor();
    await running.getByText('Dell Inc. OptiPlex 7010 · uefi x64').waitFor();
    const unknown = page.getByRole('article', { name: '02:00:00:00:00:77' });
    await unknown.getByText('ignored: no deployment for ARM64').waitFor();
    await unknown.getByText('not answered').waitFor();
    for (const [name, options] of [
      ['tiles', {}],
      ['tiles-dark', { dark: true }],
      ['tiles-tablet', { width: 820 }],
      ['tiles-phone', { width: 390 }],
    ] as const) {
      const other = await test.openPage(options);
      await other.page.getByText('41.3 MB/s').waitFor();
      await checkPage(other.page, name);
      await other.close();
    }
    await close();
  });

  it('lead from a failure to its cause and its log, and deploy again what failed', async () => {
    const { page, close } = await test.openPage();
    const failed = page.getByRole('article', { name: 'PC13' });
    await failed.getByText(tooSmall.message).waitFor();
    await failed.getByRole('link', { name: 'Why, and the log: PC13' }).click();
    await page.getByText('Most likely: the disk is not as the step expects it').waitFor();
    await page.goBack();
    await failed.getByRole('button', { name: 'Deploy again: PC13' }).click();
    const dialog = page.getByRole('dialog', { name: 'Deploy again: PC13' });
    await dialog.getByText('runs again when PC13 next starts from the network').waitFor();
    await dialog.getByRole('button', { name: 'Deploy again' }).click();
    await dialog.waitFor({ state: 'detached' });
    await close();
  });

  it('move as the machine does, within two seconds', async () => {
    const { page, close } = await test.openPage();
    const tile = page.getByRole('article', { name: 'PC15' });
    await tile.getByText('no network boot heard yet').waitFor();
    const device = (await test.site.services.store.devices.list()).find(
      ({ name }) => name === 'PC15',
    );
    if (device === undefined) throw new Error('no such device');
    await addFacts(test.site, await startRun(test.site, device), [runStarted]);
    await tile.getByText('deploying').waitFor({ timeout: 2000 });
    await close();
  });

  it('are filtered, searched and sorted', async () => {
    const { page, close } = await test.openPage({ path: '/?show=attention' });
    await page.getByRole('article', { name: 'PC13' }).waitFor();
    expect(await namesOf(page)).toEqual(['PC13', '02:00:00:00:00:77']);
    await page.getByText(/^All 5/).click();
    await page.getByRole('searchbox').fill('eth1/10');
    await expect.poll(() => namesOf(page)).toEqual(['PC12']);
    await page.getByRole('searchbox').fill('');
    await page.getByRole('combobox', { name: 'Order' }).selectOption('attention');
    await expect.poll(async () => (await namesOf(page))[0]).toBe('PC13');
    await page.getByRole('searchbox').fill('nothing like that');
    await page.getByText('No machine fits').waitFor();
    await close();
  });

  it('are arranged by dragging and by keyboard, and stay so', async () => {
    const { page, close } = await test.openPage();
    await page.getByRole('combobox', { name: 'Order' }).selectOption('own');
    await page.getByRole('button', { name: 'Arrange' }).click();
    const handle = (name: string) => page.getByRole('button', { name: new RegExp(`^${name}`) });
    await handle('PC14').waitFor();
    await checkPage(page, 'tiles-arrange');
    await handle('PC14').focus();
    await page.keyboard.press('Space');
    await page.waitForTimeout(200);
    await page.keyboard.press('ArrowRight');
    await page.waitForTimeout(300);
    await page.keyboard.press('Space');
    const firstNames = async () =>
      (await page.locator('ul[aria-label="Machines"] > li').allInnerTexts())
        .slice(0, 2)
        .map((text) => text.split('\n')[0]);
    await expect.poll(firstNames).toEqual(['PC12', 'PC14']);
    const from = await handle('PC13').boundingBox();
    const to = await handle('PC12').boundingBox();
    if (from === null || to === null) throw new Error('nothing to drag');
    await page.mouse.move(from.x + 30, from.y + 20);
    await page.mouse.down();
    await page.mouse.move(to.x + 30, to.y + 20, { steps: 12 });
    await page.mouse.up();
    await expect.poll(firstNames).toEqual(['PC13', 'PC12']);
    await page.getByRole('button', { name: 'Done arranging' }).click();
    await page.reload();
    await page.getByRole('article', { name: 'PC13' }).waitFor();
    expect((await namesOf(page)).slice(0, 3)).toEqual(['PC13', 'PC12', 'PC14']);
    await close();
  });
});

/** One machine that runs, one that failed, one that is done, one that nothing was heard of, and one without a record. */
async function fillBench(site: TestConsole): Promise<void> {
  const at = (port: string | null) => ({
    seenAt: {
      atMs: 1,
      address: '10.0.5.9',
      interfaceName: 'bench0',
      relay: null,
      switchId: 'sw-3',
      port,
    },
  });
  const running = await startRun(site, await addDevice(site, 12, at('eth1/10')));
  await addFacts(site, running, [runStarted, started('0', 'Format and Partition Disk')]);
  site.facts.progress.set(running, {
    stepId: null,
    index: 2,
    total: 5,
    title: 'Apply Operating System Image',
    doneBytes: 1,
    totalBytes: 2,
    bytesPerSecond: 41_300_000,
    remainingMs: 29_000,
  });
  const failed = await startRun(site, await addDevice(site, 13, at('eth1/11')));
  await addFacts(site, failed, [
    runStarted,
    started('0', 'Format and Partition Disk'),
    finished('0', 'Format and Partition Disk', tooSmall),
    runFinished(tooSmall),
  ]);
  const done = await startRun(site, await addDevice(site, 14, at('eth1/2')));
  await addFacts(site, done, [runStarted, runFinished()]);
  await addDevice(site, 15);
  site.facts.decisions.push({
    kind: 'decision',
    atMs: Date.now(),
    interfaceName: 'bench0',
    mac: '02:00:00:00:00:77',
    guid: null,
    architecture: 'uefi-arm64',
    outcome: 'silent',
    reason: 'ignored: no deployment for ARM64',
    boot: null,
  });
  site.services.changes.changed('view');
}
