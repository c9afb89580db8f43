import { describe, expect, it } from 'vitest';
import { addPerson } from '../http/routes/operator/test-bench.ts';
import {
  begun,
  editorForTests,
  field,
  order,
  row,
  steps,
  tree,
  written,
} from './testing/sequence-editor.ts';
import { checkPage, hasChromium, openContext, signIn } from './testing/test-browser.ts';

describe.skipIf(!hasChromium)('task sequences', () => {
  const { test, add, newest, openEditor } = editorForTests();

  it('lists what machines get and what is a draft, and finds', async () => {
    await add(written.replace('name: Install', 'name: Listed'));
    await add(`name: Only a draft\n${steps}`, { draft: true });
    for (const { name, ...view } of [
      { name: 'light', width: 1280, dark: false },
      { name: 'dark-phone', width: 390, dark: true },
    ]) {
      const { page, close } = await openEditor({ path: '/sequences', ...view });
      const panel = page.getByRole('region', { name: 'Task sequences' });
      await panel.getByText('machines get version 1').first().waitFor();
      await panel.getByText('machines get none yet').waitFor();
      await checkPage(page, `sequences-${name}`);
      await panel.getByLabel('Name or description').fill('ask, then');
      await expect.poll(() => panel.getByText('Only a draft').count()).toBe(0);
      await panel.getByRole('link', { name: 'Listed' }).click();
      await tree(page).waitFor();
      await row(page, 'Wipe').waitFor();
      await checkPage(page, `sequence-${name}`);
      await close();
    }
  });

  it('M14 writes a new one, a draft until it is ready', async () => {
    const { page, close } = await openEditor({ path: '/sequences' });
    await page.getByRole('button', { name: 'New task sequence' }).click();
    await page.getByLabel('Name of the new task sequence').fill('Brand new');
    await page.keyboard.press('Enter');
    await page.getByText('It has no steps yet.').waitFor();
    await page.getByRole('button', { name: 'Add a group' }).click();
    await page.getByRole('link', { name: 'Content' }).click();
    await page.getByRole('heading', { level: 1, name: 'Content' }).waitFor();
    await page.goBack();
    await page.getByText('Your changes from before').waitFor();
    await row(page, 'New group').click();
    await page.getByLabel('Add a step').selectOption({ label: 'Set Task Sequence Variable' });
    await field(page, 'Task sequence variable').fill('Colour');
    await page.getByRole('button', { name: 'Save as a draft' }).click();
    await page.getByRole('tab', { name: 'Versions' }).waitFor();
    expect(await newest('Brand new')).toMatchObject({
      version: 1,
      state: 'draft',
      document: { steps: [{ steps: [{ type: 'set-variable', params: { name: 'Colour' } }] }] },
    });
    await close();
  });

  it('keeps what is not saved while another page is shown, and takes over YAML', async () => {
    const id = await add(`name: Kept\n${steps}`);
    const { page, close } = await openEditor({ path: `/sequences/${id}` });
    await page.getByRole('tab', { name: 'YAML' }).click();
    const yaml = page.getByLabel('The task sequence as YAML');
    await yaml.fill('name: [');
    await page.getByText('This is no task sequence yet').waitFor();
    await yaml.fill(`name: Kept # by hand\n${steps.replaceAll('Say', 'Tell')}`);
    await page.getByRole('button', { name: 'Take over' }).click();
    await row(page, 'Tell').waitFor();
    await page.getByRole('link', { name: 'Content' }).click();
    await page.getByRole('heading', { level: 1, name: 'Content' }).waitFor();
    await page.goBack();
    await page.getByText('Your changes from before').waitFor();
    await row(page, 'Tell').waitFor();
    await page.getByRole('button', { name: 'Drop my changes' }).click();
    await row(page, 'Say').waitFor();
    await close();
  });

  it('tells of a version that somebody else has saved, and loses nothing', async () => {
    const id = await add(`name: Shared\n${steps}`);
    const { page, close } = await openEditor({
      path: `/sequences/${id}`,
      expected: ['409'],
    });
    await row(page, 'Say').waitFor();
    await add(`name: Shared\ndescription: Theirs\n${steps}`);
    await field(page, 'Value').fill('mine');
    const save = page.getByRole('button', { name: 'Save', exact: true });
    await save.click();
    await page.getByText('You began with version 1; version 2 is the newest now.').waitFor();
    await page.getByText('- description: Theirs').waitFor();
    await checkPage(page, 'sequence-conflict');
    await page.getByRole('button', { name: 'Save mine as the newest' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    expect(await newest('Shared')).toMatchObject({ version: 3 });
    await page.getByRole('tab', { name: 'Versions' }).click();
    await page.getByRole('button', { name: 'Compare version 2' }).click();
    await page.getByText('- description: Theirs').waitFor();
    await checkPage(page, 'sequence-versions');
    await page.getByRole('button', { name: 'Go back to version 2' }).click();
    await page.getByText('There is no difference.').waitFor();
    await save.click();
    await page.getByText('Saved', { exact: true }).waitFor();
    expect((await newest('Shared')).text).toBe(`name: Shared\ndescription: Theirs\n${steps}`);
    await close();
  });

  it('shows a role that may not change it everything, and changes nothing', async () => {
    const password = await addPerson(test.site, 'Audrey', 'auditor');
    const id = await add(written.replace('name: Install', 'name: Looked at'));
    const { page, close } = await openContext(test.browser, { expected: ['401'] });
    await page.goto(`${test.origin}/sequences/${id}`);
    await signIn(page, 'Audrey', password);
    await page.getByText('Your role may look at task sequences, not change them.').waitFor();
    await row(page, 'Wipe').click();
    expect(await page.getByLabel('Command line').getAttribute('readonly')).not.toBeNull();
    for (const name of ['Save', 'Undo', 'Remove', 'Add a group'])
      expect(await page.getByRole('button', { name }).count()).toBe(0);
    await page.keyboard.press('Delete');
    expect(await order(page)).toBe(begun);
    await checkPage(page, 'sequence-read-only');
    await close();
  });
});
