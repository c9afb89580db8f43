import { describe, expect, it } from 'vitest';
import { elementNames } from './element-names.ts';
import { kindOf } from './element-value.ts';
import { objectType } from './object-kinds.ts';

describe.each(Object.entries(objectType))('the settings of %s', (_, type) => {
  const names = elementNames(type);

  it('have each id and each name once', () => {
    expect(new Set(names.map(({ id }) => id)).size).toBe(names.length);
    expect(new Set(names.map(({ name }) => name)).size).toBe(names.length);
  });

  it('have choices and hexadecimal only where they are integers', () => {
    const odd = names.filter(
      ({ id, choices, hexadecimal }) => (choices ?? hexadecimal) && kindOf(id) !== 'integer',
    );
    expect(odd).toEqual([]);
  });
});

it.each([
  { type: objectType.osloader, id: 0x23000003, name: 'resumeobject' },
  { type: objectType.inheritableByOsloader, id: 0x250000f3, name: 'hypervisordebugtype' },
  { type: objectType.bootmgr, id: 0x23000003, name: 'default' },
  { type: objectType.resume, id: 0x22000002, name: 'filepath' },
  { type: objectType.deviceOptions, id: 0x35000008, name: 'ramdisktftpwindowsize' },
  { type: objectType.inheritable, id: 0x15000011, name: 'debugtype' },
])('$name is what $id means there', ({ type, id, name }) => {
  expect(elementNames(type).find((entry) => entry.id === id)?.name).toBe(name);
});
