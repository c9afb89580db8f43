import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { mdtTable } from './testing/mdt-table.ts';

it('M24 has what becomes of each class and script of MDT in docs/import.md', async () => {
  const text = await readFile(join(import.meta.dirname, '../../docs/import.md'), 'utf8');
  const rows = text.split('\n').filter((line) => /^\| `(?:BDD_|\w+\.(?:wsf|ps1)`)/.test(line));
  expect(rows).toEqual(mdtTable());
});
