import { expect, it } from 'vitest';
import { formatTable, writeList } from './table.ts';

const columns = [
  { title: 'ID', value: (row: { id: string; name: string }) => row.id },
  { title: 'NAME', value: (row: { id: string; name: string }) => row.name },
];

it('lines columns up and marks what is empty', () => {
  const rows = [
    { id: 'MW100001', name: '' },
    { id: 'X', name: 'Debian base' },
  ];
  expect(formatTable(columns, rows)).toBe('ID        NAME\nMW100001  -\nX         Debian base\n');
});

it('cuts lines to a screen, and never in a file', () => {
  const rows = [{ id: 'X', name: 'a name that is longer than the screen' }];
  expect(formatTable(columns, rows, 10).split('\n')[1]).toBe('X   a nam…');
  expect(formatTable(columns, rows).split('\n')[1]).toBe(`X   ${rows[0]?.name}`);
});

it('lets no control character of a machine reach the terminal', () => {
  const rows = [{ id: 'X', name: 'PC\u001b[2J01\r\n' }];
  expect(formatTable(columns, rows).split('\n')[1]).toBe('X   PC [2J01');
});

it('says what to do when there is nothing, and an empty list in JSON', () => {
  let text = '';
  const terminal = {
    out: (part: string) => {
      text += part;
    },
    err: () => undefined,
    columns: undefined,
    environment: {},
    signal: new AbortController().signal,
  };
  writeList(terminal, [], { json: false, columns, empty: 'none yet: do this' });
  writeList(terminal, [], { json: true, columns, empty: 'none yet: do this' });
  expect(text).toBe('none yet: do this\n[]\n');
});
