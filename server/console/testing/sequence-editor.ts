import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { consoleForTests } from './console-for-tests.ts';
import type { PageOptions } from './test-browser.ts';

/** A task sequence as a person has written it, with comments. */
export const written = `# Of the bench
name: Install
description: Ask, then wipe
steps:
  # asked first
  - step: Ask
    type: set-variable
    params: {name: Asked, value: '%Model%'}

  - group: Disk
    condition: {kind: variable, variable: Asked, operator: exists}
    steps:
      - step: Wipe   # takes a while
        type: run-command
        params:
          commandLine: wipe %Asked%
      - step: Format
        type: format-disk
        params:
          partitions:
            - {name: root, fileSystem: ext4, variable: OSVolume}

  - step: Say
    type: set-variable
    params: {name: Said, value: done}
`;
/** Its rows, with their levels. */
export const begun = '1 Ask, 1 Disk, 2 Wipe, 2 Format, 1 Say';
/** One step, to stand behind a name. */
export const steps =
  'steps:\n  - step: Say\n    type: set-variable\n    params: {name: Said, value: done}\n';

/** A console for tests of the editor, and what they ask it for. */
export function editorForTests() {
  const test = consoleForTests();
  const headers = () => ({ authorization: `Bearer ${test.site.token}` });
  return {
    test,
    /** Stores a task sequence. @returns its id */
    add: async (text: string, more: object = {}): Promise<string> => {
      const answer = await test.site.app.inject({
        method: 'POST',
        url: '/api/v1/sequences',
        headers: headers(),
        payload: { text, format: 'yaml', ...more },
      });
      expect(answer.statusCode, answer.body).toBe(200);
      return answer.json().id;
    },
    /** The newest version, as the API has it. */
    newest: async (name: string) => {
      const url = `/api/v1/sequences/${encodeURIComponent(name)}`;
      return (await test.site.app.inject({ url, headers: headers() })).json();
    },
    openEditor: async (options: PageOptions) => {
      // What is typed half is looked at, too, and may be refused; the browser tells of that.
      const expected = ['400', ...(options.expected ?? [])];
      const opened = await test.openPage({ ...options, expected });
      opened.page.setDefaultTimeout(10_000);
      return opened;
    },
  };
}

/** The tree of the editor. */
export const tree = (page: Page) => page.getByRole('tree', { name: 'Groups and steps' });

/** A row of the tree by the name in it. */
export const row = (page: Page, name: string) =>
  tree(page)
    .getByRole('treeitem')
    .filter({ has: page.getByText(name, { exact: true }) });

/** Levels and names of the rows, as they stand below each other. */
export const order = (page: Page) =>
  page.evaluate(`[...document.querySelectorAll('[role=treeitem]')]
      .sort((one, other) => one.getBoundingClientRect().top - other.getBoundingClientRect().top)
      .map((each) => each.getAttribute('aria-level') + ' ' + each.children[1].textContent)
      .join(', ')`);

/** A field for text by its exact name. */
export const field = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true });

/** Takes the last edit back. */
export const undo = (page: Page) => page.getByRole('button', { name: 'Undo' }).click();
