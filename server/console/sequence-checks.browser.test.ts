import { describe, expect, it } from 'vitest';
import { addDevice } from '../http/routes/operator/test-bench.ts';
import { editorForTests, row, steps, tree, undo, written } from './testing/sequence-editor.ts';
import { checkPage, hasChromium } from './testing/test-browser.ts';

describe.skipIf(!hasChromium)('what the editor of task sequences tells', () => {
  const { test, add, openEditor } = editorForTests();

  it('M15 is not closed with a broken reference until it is put right, removed or disabled', async () => {
    await test.site.services.store.packages.add(
      { name: 'Tools', kind: 'package', objects: [], images: [] },
      1,
    );
    const id = await add(`name: Broken\n${steps}`);
    const { page, close } = await openEditor({ path: `/sequences/${id}` });
    await page.getByLabel('Add a step').selectOption({ label: 'Run Command Line' });
    await page.getByLabel('Command line').fill('setup');
    await page.getByRole('combobox', { name: 'Package', exact: true }).fill('Tool');
    await page.getByRole('tab', { name: 'Problems (1)' }).click();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('alert').filter({ hasText: '1 reference leads nowhere' }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/sequences/${id}`);
    await checkPage(page, 'sequence-problems');
    await page.getByRole('button', { name: 'Disable Run Command Line' }).click();
    await page.getByText('Nothing is wrong with it.').waitFor();
    await undo(page);
    await page.getByRole('button', { name: 'Use "Tools"' }).click();
    await page.getByText('Nothing is wrong with it.').waitFor();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('heading', { level: 1, name: 'Task sequences' }).waitFor();
    await close();
  });

  it('M11 tells where each variable is set and read', async () => {
    const id = await add(written.replace('name: Install', 'name: Variables'));
    const { page, close } = await openEditor({ path: `/sequences/${id}` });
    await page.getByRole('tab', { name: 'Variables' }).click();
    const line = page
      .getByRole('listitem')
      .filter({ has: page.getByText('Asked', { exact: true }) });
    await line.first().getByRole('button', { name: 'Wipe' }).waitFor();
    await checkPage(page, 'sequence-variables');
    await line.first().getByRole('button', { name: 'Disk' }).click();
    await expect.poll(() => row(page, 'Disk').getAttribute('aria-selected')).toBe('true');
    await close();
  });

  it('simulates on a device, step by step in the tree', async () => {
    await addDevice(test.site, 41, { firmware: null });
    const id = await add(written.replace('name: Install', 'name: Simulated'));
    const { page, close } = await openEditor({ path: `/sequences/${id}` });
    await page.getByRole('tab', { name: 'Simulate' }).click();
    await page.getByLabel('Device').fill('PC41');
    await page.getByRole('button', { name: 'Simulate' }).click();
    const result = page.getByRole('region', { name: 'Step by step' });
    await result.getByText('1 of 5').waitFor();
    await result.getByRole('button', { name: 'Next step' }).click();
    await result.getByText(/^condition (true|false)/).waitFor();
    await expect.poll(() => row(page, 'Disk').getAttribute('aria-selected')).toBe('true');
    await tree(page).getByText('runs').first().waitFor();
    await checkPage(page, 'sequence-simulate');
    await row(page, 'Say').click();
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByText('The task sequence was changed since').waitFor();
    await close();
  });
});
