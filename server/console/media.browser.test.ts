import { rm } from 'node:fs/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { makeTestBootImage } from '#media/build/media-plan.testing.ts';
import { consoleForTests } from './testing/console-for-tests.ts';
import { checkPage, hasChromium } from './testing/test-browser.ts';

describe.skipIf(!hasChromium)('media', () => {
  let bootImages: string;
  afterAll(() => rm(bootImages, { recursive: true }));
  const test = consoleForTests(async () => {
    bootImages = await makeTestBootImage();
    return { bootImageDirectory: bootImages };
  });

  it('M41 are made with progress, downloaded, blocked, allowed again and deleted', async () => {
    const { page, close } = await test.openPage({ path: '/media' });
    await page.getByText('No media were made yet').waitFor();
    await page.getByLabel('Name').fill('Workshop stick');
    await page.getByLabel('Password', { exact: true }).fill('Bench7disc');
    await page.getByLabel('Good until').fill('2031-05-01');
    await checkPage(page, 'media-form');
    await page.getByRole('button', { name: 'Make them' }).click();
    const list = page.getByRole('region', { name: /^Media that were made/ });
    await list.getByText('Workshop stick').waitFor();
    await list.getByText('ready', { exact: true }).waitFor();
    await list.getByText('with a password', { exact: true }).waitFor();
    await list.getByText('good until 2031-05-01 23:59').waitFor();
    const [made] = await test.site.services.store.media.list();
    expect(made).toMatchObject({ label: 'Workshop stick', password: true });
    await checkPage(page, 'media');
    const download = page.waitForEvent('download');
    await list.getByRole('link', { name: 'Download Workshop stick' }).click();
    expect(await (await download).failure()).toBeNull();
    await list.getByRole('button', { name: 'Block: Workshop stick' }).click();
    const dialog = page.getByRole('dialog', { name: 'Block: Workshop stick' });
    await dialog.getByRole('button', { name: 'Block' }).click();
    await list.getByText('blocked', { exact: true }).waitFor();
    const dark = await test.openPage({ path: '/media', dark: true, width: 390 });
    await dark.page.getByText('blocked since').waitFor();
    await checkPage(dark.page, 'media-dark');
    await dark.close();
    await list.getByRole('button', { name: 'Allow again: Workshop stick' }).click();
    await list.getByText('ready', { exact: true }).waitFor();
    await list.getByRole('button', { name: 'Delete: Workshop stick' }).click();
    const last = page.getByRole('dialog', { name: 'Delete: Workshop stick' });
    await last.getByText('block them first').waitFor();
    await last.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No media were made yet').waitFor();
    await close();
  });
});
