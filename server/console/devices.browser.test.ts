import { describe, expect, it } from 'vitest';
import { addDevice, addFacts, runStarted, startRun } from '../http/routes/operator/test-bench.ts';
import { consoleForTests } from './testing/console-for-tests.ts';
import { checkPage, hasChromium } from './testing/test-browser.ts';

describe.skipIf(!hasChromium)('devices', () => {
  const test = consoleForTests();

  it('are found among many, a page of the server at a time', async () => {
    for (let number = 10; number < 45; number += 1) await addDevice(test.site, number);
    await addDevice(test.site, 45, { name: 'NEW-45', state: 'waiting' });
    const { page, close } = await test.openPage({ path: '/devices' });
    await page.getByText('36 devices shown').waitFor();
    await checkPage(page, 'devices');
    await page.getByRole('combobox', { name: 'State' }).selectOption('waiting');
    await page.getByText('1 device shown').waitFor();
    await page.getByRole('combobox', { name: 'State' }).selectOption('');
    await page.getByRole('searchbox').fill('7HK4W33');
    await page.getByText('1 device shown').waitFor();
    expect(new URL(page.url()).search).toBe('?of=7HK4W33');
    await page.getByRole('link', { name: 'PC33' }).click();
    await page.getByRole('heading', { name: 'PC33', level: 1 }).waitFor();
    await close();
  });

  it('are shown with what is known and what ran, renamed, noted, ignored and deployed again', async () => {
    const { store } = test.site.services;
    const device = await addDevice(test.site, 61, {
      seenAt: {
        atMs: 1,
        address: '10.0.5.61',
        interfaceName: 'bench0',
        relay: null,
        port: 'eth1/61',
        switchId: 'sw-3',
      },
    });
    await addFacts(test.site, await startRun(test.site, device), [runStarted]);
    for (const [name, options] of [
      ['device-dark', { dark: true }],
      ['device-phone', { width: 390 }],
    ] as const) {
      const other = await test.openPage({ path: `/devices/${device.id}`, ...options });
      await other.page.getByText('Bench install').waitFor();
      await checkPage(other.page, name);
      await other.close();
    }
    const { page, close } = await test.openPage({ path: `/devices/${device.id}` });
    await page.getByText('sw-3 eth1/61').waitFor();
    await page.getByText('Bench of PC61').waitFor();
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('LAB-61');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'LAB-61' }).waitFor();
    await page.getByRole('textbox', { name: 'Notes' }).fill('third shelf');
    await page.getByRole('button', { name: 'Save the notes' }).click();
    await expect.poll(async () => (await store.devices.get(device.id))?.notes).toBe('third shelf');
    await page.getByRole('button', { name: 'Deploy again' }).click();
    const dialog = page.getByRole('dialog', { name: 'Deploy again: LAB-61' });
    await dialog.getByText('what they format is erased. This is 1 machine.').waitFor();
    await checkPage(page, 'device-confirm');
    await dialog.getByRole('button', { name: 'Deploy again' }).click();
    // Its run is open: that one is not cleared.
    await page.getByText('0 ended runs cleared').waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'Ignore' }).click();
    const ignore = page.getByRole('dialog', { name: 'Ignore LAB-61' });
    await ignore.getByRole('button', { name: 'Cancel' }).click();
    await ignore.waitFor({ state: 'detached' });
    expect((await store.devices.get(device.id))?.state).toBe('known');
    await page.getByRole('button', { name: 'Ignore' }).click();
    await ignore.getByRole('button', { name: 'Ignore' }).click();
    await page.getByText('ignored', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('approved', { exact: true }).waitFor();
    await close();
  });
});
