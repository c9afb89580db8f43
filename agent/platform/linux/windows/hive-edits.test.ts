import { describe, expect, it } from 'vitest';
import { registryType } from '#boot/bcd/hive.ts';
import { parseHive } from '#boot/bcd/parse-hive.ts';
import { textValue } from '#boot/bcd/registry-value.ts';
import { planEdits, sameTree } from './hive-edits.ts';
import { key, systemHive } from './windows-disk.testing.ts';

const { root } = parseHive(systemHive(key('Extra', [key('Below')], [textValue('One', '1')])));

describe('M55 planEdits', () => {
  it('changes the control set that starts next, keeps other values, and spells keys as they are', () => {
    const { script, expected } = planEdits(root, [
      {
        kind: 'set',
        key: 'currentcontrolset\\CONTROL',
        name: 'New',
        value: { type: 'REG_DWORD', data: 7 },
      },
    ]);
    expect(script.split('\n')).toEqual([
      'cd \\ControlSet002\\Control',
      'setval 2',
      'SystemStartOptions',
      'hex:1:0000',
      'New',
      'hex:4:07000000',
      'commit',
      '',
    ]);
    expect(expected.keys.map(({ name }) => name)).toEqual(root.keys.map(({ name }) => name));
    expect(sameTree(expected, root)).toBe(false);
  });

  it('makes missing keys, sets default values, and deletes values and keys', () => {
    const { script } = planEdits(root, [
      {
        kind: 'set',
        key: 'Extra\\A\\B',
        name: '',
        value: { type: 'REG_MULTI_SZ', data: ['x', 'y'] },
      },
      { kind: 'delete-value', key: 'extra', name: 'ONE' },
      { kind: 'delete-key', key: 'Extra\\below' },
      { kind: 'delete-key', key: 'Extra\\not there' },
      { kind: 'delete-value', key: 'Extra', name: 'not there' },
    ]);
    expect(script.split('\n')).toEqual([
      'cd \\Extra',
      'add A',
      'cd \\Extra\\A',
      'add B',
      'cd \\Extra\\A\\B',
      'setval 1',
      '@',
      'hex:7:78000000790000000000',
      'cd \\Extra',
      'setval 0',
      'cd \\Extra\\Below',
      'del',
      'commit',
      '',
    ]);
  });

  it('writes nothing where all is as it should be', () => {
    const set = { type: 'REG_SZ', data: '1' } as const;
    const plan = planEdits(root, [{ kind: 'set', key: 'Extra', name: 'one', value: set }]);
    expect(plan.script).toBe('');
    expect(plan.expected).toBe(root);
  });

  it('refuses what would come out otherwise than it went in', () => {
    const large = { name: 'Big', type: registryType.REG_BINARY, data: new Uint8Array(16_345) };
    const at = { name: '@', type: registryType.REG_SZ, data: new Uint8Array() };
    const edit = { kind: 'delete-value', name: 'gone' } as const;
    const odd = key('ROOT', [
      key('Large', [], [large, textValue('gone', '')]),
      key('At', [], [at, textValue('gone', '')]),
      key('line\nbreak', [], [textValue('gone', '')]),
    ]);
    for (const name of ['Large', 'At', 'line\nbreak'])
      expect(() => planEdits(odd, [{ ...edit, key: name }])).toThrow(
        /cannot be changed from Linux/,
      );
    expect(() => planEdits(odd, [{ ...edit, key: 'CurrentControlSet\\X' }])).toThrow(
      /no control set/,
    );
    expect(() => planEdits(odd, [{ ...edit, key: '\\' }])).toThrow(/names no key/);
  });
});
