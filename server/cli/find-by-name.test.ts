import { expect, it } from 'vitest';
import { distance, findByName } from './find-by-name.ts';

const items = [
  { id: '11112222-aaaa', name: 'PC01' },
  { id: '11113333-bbbb', name: 'PC02' },
  { id: '99994444-cccc', name: 'pc02' },
];
const lookup = {
  what: 'device',
  listCommand: 'metalwright device list',
  names: (item: (typeof items)[number]) => [item.id, item.name],
  label: (item: (typeof items)[number]) => item.name,
  prefix: true,
};

it('finds by any name without case, and by the beginning of the id', () => {
  expect(findByName(items, 'pc01', lookup)).toBe(items[0]);
  expect(findByName(items, '9999', lookup)).toBe(items[2]);
});

it('refuses what fits several, naming them', () => {
  expect(() => findByName(items, 'PC02', lookup)).toThrow(
    expect.objectContaining({
      code: 'cli.ambiguous-name',
      message: '"PC02" fits 2 of them: PC02, pc02',
    }),
  );
  expect(() => findByName(items, '1111', lookup)).toThrow(
    expect.objectContaining({ code: 'cli.ambiguous-name' }),
  );
});

it('names what is like an unknown name, and the command that lists all', () => {
  expect(() => findByName(items, 'PC0l', lookup)).toThrow(
    expect.objectContaining({
      code: 'cli.unknown-name',
      message: 'there is no device "PC0l"',
      hint: 'did you mean PC01, or PC02, or pc02? metalwright device list lists all 3',
    }),
  );
});

it.each([
  ['', 'abc', 3],
  ['kitten', 'sitting', 3],
  ['same', 'same', 0],
])('counts the changes from %j to %j', (left, right, changes) => {
  expect(distance(left, right)).toBe(changes);
});
