import { beforeAll, describe, expect, it } from 'vitest';
import { addDevice, addPerson } from '../http/routes/operator/test-bench.ts';
import { consoleForTests } from './testing/console-for-tests.ts';
import { checkPage, hasChromium, signIn } from './testing/test-browser.ts';

const wipe = {
  step: 'Wipe',
  type: 'format-disk',
  params: { disk: 0, partitions: [{ name: 'data', size: 'rest', fileSystem: 'ext4' }] },
};

describe.skipIf(!hasChromium)('collections and deployments', () => {
  const test = consoleForTests();
  beforeAll(async () => {
    for (let number = 11; number <= 13; number += 1) await addDevice(test.site, number);
    const text = JSON.stringify({ name: 'Windows 11', platform: 'linux', steps: [wipe] });
    await ask('POST', '/sequences', { text, format: 'json' });
    await ask('PUT', '/deployment-settings', { defaultSize: 2, maximumSize: 10 });
  });

  async function ask(method: 'POST' | 'PUT', path: string, payload: object) {
    const headers = { authorization: `Bearer ${test.site.token}` };
    const answer = await test.site.app.inject({ method, url: `/api/v1${path}`, headers, payload });
    expect([answer.statusCode, answer.json().message]).toEqual([200, undefined]);
  }

  it('makes a collection after showing who would be a member', async () => {
    const { page, close } = await test.openPage({
      path: '/collections',
      expected: ['400'],
    });
    await page.getByText('All Systems').first().waitFor();
    await checkPage(page, 'collections');
    await page.getByRole('link', { name: 'New collection' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Room 5');
    await page.getByLabel('Query').fill('Nonsense LIKE 3');
    await page.getByRole('button', { name: 'Show who would be a member' }).click();
    await page.getByRole('alert').getByText('Nonsense').waitFor();
    await page.getByLabel('Query').fill('');
    await page.getByLabel('Devices by name').fill('PC11\nPC12\nPC13');
    await page.getByRole('button', { name: 'Show who would be a member' }).click();
    await page.getByText('3 devices would be a member').waitFor();
    await checkPage(page, 'collection-new');
    await page.getByRole('button', { name: 'Make the collection' }).click();
    await page.getByRole('heading', { name: 'Room 5' }).waitFor();
    await page.getByText('3 of 3 members shown').waitFor();
    await checkPage(page, 'collection');
    const dark = await test.openPage({ path: new URL(page.url()).pathname, dark: true });
    await dark.page.getByText('PC13').waitFor();
    await checkPage(dark.page, 'collection-dark');
    await dark.close();
    await close();
  });

  it('M18 deploys with a high risk only after each warning was accepted, and says to whom', async () => {
    const { page, close } = await test.openPage({ path: '/collections' });
    await page.getByRole('link', { name: 'Room 5' }).click();
    await page.getByRole('link', { name: 'Deploy to it' }).click();
    await page.getByRole('combobox', { name: 'Task sequence' }).selectOption('Windows 11');
    await page.getByText('It is offered to 3 machines: PC11, PC12, PC13').waitFor();
    await page.getByRole('button', { name: 'Offer to 3 machines' }).waitFor();
    await page.getByRole('radio', { name: /^Required/ }).check();
    await page
      .getByText('It runs on 3 machines, without anybody asking: PC11, PC12, PC13')
      .waitFor();
    const deploy = page.getByRole('button', { name: 'Deploy to 3 machines' });
    const unhide = page.getByRole('checkbox', { name: /^Deploy to so many machines all the same/ });
    await unhide.waitFor();
    expect(await deploy.isDisabled()).toBe(true);
    await checkPage(page, 'deployment-new');
    await unhide.check();
    const size = page.getByRole('checkbox', { name: /3 members, more than 2/ });
    await size.waitFor();
    expect(await deploy.isDisabled()).toBe(true);
    await size.check();
    await expect.poll(() => deploy.isDisabled()).toBe(false);
    const phone = await test.openPage({
      path: '/deployments/new?sequence=Windows+11&to=Room+5',
      width: 390,
      dark: true,
    });
    await phone.page.getByText('It is offered to 3 machines: PC11, PC12, PC13').waitFor();
    await checkPage(phone.page, 'deployment-new-phone');
    await phone.close();
    await deploy.click();
    await page.getByRole('heading', { name: 'Windows 11' }).waitFor();
    await page.getByText('Not heard of yet 3').waitFor();
    await checkPage(page, 'deployment');
    const [made] = await test.site.services.store.deployments.list();
    expect(made).toMatchObject({ purpose: 'required', withdrawnMs: null });
    await page.getByRole('button', { name: 'Withdraw' }).click();
    const dialog = page.getByRole('dialog', { name: 'Withdraw “Windows 11”' });
    await dialog.getByText('none of the 3 devices of “Room 5”').waitFor();
    await dialog.getByRole('button', { name: 'Withdraw' }).click();
    await page.getByText('withdrawn', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'All deployments' }).click();
    await page.getByRole('checkbox', { name: /withdrawn/ }).check();
    await page.getByRole('link', { name: 'Windows 11' }).waitFor();
    await checkPage(page, 'deployments');
    await close();
  });

  it('M17 asks where, until when and how many an hour before unknown computers are deployed', async () => {
    const { page, close } = await test.openPage({
      path: '/deployments/new?sequence=Windows+11&to=All+Unknown+Computers',
    });
    await page.getByRole('radio', { name: /^Required/ }).check();
    await page.getByText('erases machines that nobody has named').waitFor();
    await page.getByText('This cannot be deployed:').waitFor();
    await page.getByLabel('Subnets').fill('10.0.5.0/24');
    const deploy = page.getByRole('button', { name: /^Deploy to/ });
    await expect.poll(() => deploy.isDisabled()).toBe(false);
    await checkPage(page, 'deployment-unknown');
    await close();
  });

  it('deletes a collection, and offers no changes to an auditor', async () => {
    const { page, close } = await test.openPage({ path: '/collections' });
    await page.getByRole('link', { name: 'Room 5' }).click();
    await page.getByRole('button', { name: 'Remove PC13' }).click();
    await page.getByText('2 of 2 members shown').waitFor();
    const password = await addPerson(test.site, 'Rita', 'auditor');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await signIn(page, 'Rita', password);
    await page.getByText('2 of 2 members shown').waitFor();
    expect(await page.locator('main').getByRole('button').count()).toBe(0);
    await close();
    const again = await test.openPage({ path: '/collections' });
    await again.page.getByRole('link', { name: 'Room 5' }).click();
    await again.page.getByRole('button', { name: 'Delete' }).click();
    const dialog = again.page.getByRole('dialog', { name: 'Delete Room 5' });
    await dialog.getByText('its 2 members stay devices').waitFor();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await again.page.getByRole('heading', { name: 'Collections' }).waitFor();
    await again.page.getByText('Room 5', { exact: true }).waitFor({ state: 'detached' });
    await again.close();
  });
});
