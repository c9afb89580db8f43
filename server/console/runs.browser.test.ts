import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { StepId } from '#agent/protocol/run-event.ts';
import {
  addDevice,
  addFacts,
  addLog,
  finished,
  runFinished,
  runStarted,
  started,
  startRun,
} from '../http/routes/operator/test-bench.ts';
import { consoleForTests } from './testing/console-for-tests.ts';
import { checkPage, hasChromium } from './testing/test-browser.ts';

describe.skipIf(!hasChromium)('runs', () => {
  const test = consoleForTests();

  it('says what to do next while nothing has run', async () => {
    const { page, close } = await test.openPage({ path: '/runs' });
    await page.getByText('Nothing has run yet').waitFor();
    await page.getByText('metalwright deploy "My sequence"').waitFor();
    await close();
  });

  it('M53 shows a machine as lost in Windows Setup when its time is over, until it speaks', async () => {
    const setup = { step: 'Setup Windows', type: 'setup-windows', params: {} };
    const run = await startRun(test.site, await addDevice(test.site, 41), [setup]);
    await test.site.services.store.settings.change({ windowsSetupLostMinutes: 15 });
    const { page, close } = await test.openPage({ path: '/runs' });
    const bench = await test.openPage();
    // It becomes so while the page is open: by the clock, with no message of the machine.
    const lostInMs = 1500;
    await addFacts(
      test.site,
      run,
      [
        runStarted,
        started('0', 'Setup Windows'),
        finished('0', 'Setup Windows'),
        { kind: 'restart-requested', next: 'disk', delayMs: 0 },
      ],
      Date.now() - 15 * 60_000 + lostInMs,
    );
    await page.getByText('PC41').first().waitFor();
    await page.getByText('restarting', { exact: true }).waitFor();
    expect(await page.getByText('Lost in Windows Setup since').count()).toBe(0);
    await page.getByText('Lost in Windows Setup since').waitFor();
    await page.getByText('1 lost in Windows Setup').waitFor();
    await page.getByText('PC41: lost in Windows Setup').waitFor({ state: 'attached' });
    expect(await page.getByText('lost', { exact: true }).count()).toBe(1);
    await bench.page.getByText('lost', { exact: true }).waitFor();
    await page.getByText('setuperr.log').waitFor();
    await checkPage(page, 'runs-lost');
    const dark = await test.openPage({ path: '/runs', dark: true, width: 390 });
    await dark.page.getByText('Lost in Windows Setup since').waitFor();
    await checkPage(dark.page, 'runs-lost-dark');
    await dark.close();
    await addFacts(test.site, run, [{ kind: 'resumed', environment: 'full-os', from: 'journal' }]);
    await page.getByText('Lost in Windows Setup since').waitFor({ state: 'detached' });
    await addFacts(test.site, run, [runFinished()]);
    await page.getByText('PC41: Bench install succeeded').waitFor({ state: 'attached' });
    await bench.close();
    await close();
  });

  it('shows runs as they move, and one with its history and log', async () => {
    const running = await startRun(test.site, await addDevice(test.site, 12));
    await addFacts(test.site, running, [
      runStarted,
      started('0/0', 'Format and Partition Disk'),
      {
        kind: 'disk-chosen',
        stepId: StepId.parse('0/0'),
        name: 'Format and Partition Disk',
        attempt: 1,
        disk: {
          number: 0,
          id: 'eui.0025385b21b0c3d4',
          model: 'KINGSTON SNV2S',
          serial: '50026B7',
          sizeBytes: 500_107_862_016,
          bus: 'nvme',
        },
      },
      finished('0/0', 'Format and Partition Disk'),
      started('0/1', 'Apply Operating System Image'),
    ]);
    await addLog(test.site, running, 'Partitioned disk 0: GPT, 3 partitions');
    await addLog(test.site, running, 'Applying "Debian 12" to partition 2 of disk 0');
    test.site.facts.progress.set(running, {
      stepId: null,
      index: 2,
      total: 5,
      title: 'Apply Operating System Image',
      detail: 'Debian 12',
      doneBytes: 1_200_000_000,
      totalBytes: 2_400_000_000,
      bytesPerSecond: 41_300_000,
      remainingMs: 29_000,
    });
    const failed = await startRun(test.site, await addDevice(test.site, 13));
    const error = {
      code: 'disk.too-small',
      message: 'Disk 0 (KINGSTON SA400) has 120 GB; the partitions need 250 GB',
      hint: 'put in a bigger disk, or make the partitions of this sequence smaller',
    };
    await addFacts(test.site, failed, [
      runStarted,
      started('0/0', 'Format and Partition Disk'),
      finished('0/0', 'Format and Partition Disk', error),
      runFinished(error),
    ]);
    for (let line = 0; line < 60; line += 1)
      await addLog(test.site, failed, `Looked at disk ${line}`);
    await addLog(test.site, failed, error.message, 3);
    for (let line = 0; line < 60; line += 1) await addLog(test.site, failed, `Clean-up ${line}`);
    const done = await startRun(test.site, await addDevice(test.site, 14));
    await addFacts(test.site, done, [
      runStarted,
      started('0', 'Restart'),
      finished('0', 'Restart'),
      runFinished(),
    ]);
    test.site.services.changes.changed('view');

    const { page, close } = await test.openPage({ path: '/runs' });
    await page.getByText('Step 2 of 5 · Apply Operating System Image: Debian 12').waitFor();
    await page.getByText('41.3 MB/s').waitFor();
    await page.getByText('29 s left').waitFor();
    expect(
      await page.getByRole('progressbar', { name: 'Progress of PC12' }).getAttribute('value'),
    ).toBe('300');
    await page.getByText(error.message).first().waitFor();
    await checkPage(page, 'runs');

    await page.getByRole('link', { name: 'Details of the run on PC12' }).click();
    await page.getByText('Applying "Debian 12" to partition 2').waitFor();
    await page.getByText('Format and Partition Disk succeeded after 4 s').waitFor();
    const erased = 'erases disk 0: KINGSTON SNV2S, serial 50026B7, 500 GB';
    await page.getByText(erased).waitFor();
    await checkPage(page, 'run');
    await addLog(test.site, running, 'a line that came later');
    await addFacts(test.site, running, [finished('0/1', 'Apply Operating System Image')]);
    await page.getByText('a line that came later').waitFor();
    await page.getByText('Apply Operating System Image succeeded after 4 s').waitFor();
    expect(
      await page.getByRole('link', { name: 'All of it as a ZIP file' }).getAttribute('href'),
    ).toBe(`/api/v1/runs/${running}/bundle`);
    await close();

    for (const [name, options] of [
      ['dark', { dark: true }],
      ['phone', { width: 390 }],
    ] as const) {
      const other = await test.openPage({ path: '/runs', ...options });
      await other.page.getByText('Step 2 of 5').waitFor();
      await checkPage(other.page, `runs-${name}`);
      await other.page.getByRole('link', { name: 'Details of the run on PC13' }).click();
      await other.page.getByText('Run failed').waitFor();
      await other.page.getByText('Most likely: the disk is not as the step expects it').waitFor();
      // At the first error of the log, without a search for it.
      const log = other.page.getByRole('region', { name: 'End of the log' });
      await log.getByText('Clean-up 59').waitFor({ state: 'attached' });
      const topOf = async (locator: Locator) => (await locator.boundingBox())?.y ?? Number.NaN;
      const line = log.getByText(error.message);
      await expect.poll(async () => (await topOf(line)) - (await topOf(log))).toBeCloseTo(24, -2);
      await checkPage(other.page, `run-failed-${name}`);
      await other.close();
    }
  });

  it('filters and searches, by an address that can be sent to somebody', async () => {
    const { page, close } = await test.openPage({ path: '/runs?show=failed' });
    await page.getByText('PC13').waitFor();
    expect(await page.getByText('PC12').count()).toBe(0);
    await page.getByText('All', { exact: true }).click();
    await page.getByText('PC12').waitFor();
    await page.getByRole('searchbox', { name: 'Machine or task sequence' }).fill('pc14');
    await expect.poll(() => page.getByRole('link', { name: /^Details/ }).count()).toBe(1);
    expect(new URL(page.url()).search).toBe('?of=pc14');
    await page.getByRole('searchbox').fill('nothing like that');
    await page.getByText('No run fits').waitFor();
    await close();
  });
});
