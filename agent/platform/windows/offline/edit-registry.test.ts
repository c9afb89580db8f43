import { describe, expect, it } from 'vitest';
import type { RegistryFacts } from '../../../sequence/query-capability.ts';
import type { RegistryEdit } from '../../../sequence/windows-capability.ts';
import { serviceEdits } from '../../../windows-setup/service.ts';
import { newPassword } from '../../new-password.ts';
import type { ToolCommand } from '../run-tool.ts';
import { editHive, type RegistryParts } from './edit-registry.ts';

const signal = new AbortController().signal;
const ROOT = 'HKLM\\METALWRIGHT_SYSTEM';
const file = 'W:\\Windows\\System32\\config\\SYSTEM';

/** A `reg` that keeps keys and values; `deaf`: names that it says it has written, and has not. */
function fakeReg({ busy = 0, deaf = [] as readonly string[], loaded = false } = {}) {
  const keys = new Map<string, Map<string, RegistryFacts['value']>>();
  const commands: string[][] = [];
  let isLoaded = loaded;
  let holds = busy;
  const done = { code: 0, exit: { outcome: 'done', meaning: '' } as const, stdout: '', output: '' };
  const key = (name: string) => {
    const found = keys.get(name.toLowerCase()) ?? new Map<string, RegistryFacts['value']>();
    keys.set(name.toLowerCase(), found);
    return found;
  };
  const load = () => {
    isLoaded = true;
    key(ROOT);
    key(`${ROOT}\\Select`).set('Default', { type: 'REG_DWORD', data: '2' });
    key(`${ROOT}\\MountedDevices`).set('\\DosDevices\\D:', { type: 'REG_BINARY', data: '00' });
  };
  if (loaded) load();
  const parts: RegistryParts = {
    wait: async () => {},
    registry: {
      async read(name, value) {
        if (!isLoaded) return null;
        const found = keys.get(name.toLowerCase());
        if (found === undefined) return null;
        if (value === null) return { value: null };
        const data = found.get(value);
        return data === undefined ? null : { value: data };
      },
    },
    async runTool({ argv }: ToolCommand) {
      const [, verb = '', name = '', ...words] = argv;
      commands.push([verb, name, ...words]);
      if (verb === 'load') load();
      else if (verb === 'unload') {
        if (holds-- > 0) return { ...done, code: 1, output: 'Zugriff verweigert' };
        isLoaded = false;
      } else if (verb === 'delete' && !words.includes('/v')) {
        for (const each of keys.keys()) if (each.startsWith(name.toLowerCase())) keys.delete(each);
      } else if (verb === 'add') {
        const word = (option: string) => words[words.indexOf(option) + 1] ?? '';
        const data =
          word('/t') === 'REG_MULTI_SZ' ? word('/d').replaceAll('\\0', '\n') : word('/d');
        if (!deaf.includes(word('/v')))
          key(name).set(word('/v'), { type: word('/t'), data } as RegistryFacts['value']);
      }
      return done;
    },
  };
  return { parts, commands, keys, isLoaded: () => isLoaded };
}
const edit = async (reg: ReturnType<typeof fakeReg>, edits: readonly RegistryEdit[]) =>
  editHive(reg.parts, { file, hive: 'SYSTEM', edits }, signal);

describe('M53 editHive', () => {
  it('changes the control set that starts next, and unloads the hive', async () => {
    const reg = fakeReg();
    await edit(reg, [...serviceEdits(), { kind: 'delete-key', key: 'MountedDevices' }]);
    const service = `${ROOT}\\ControlSet002\\Services\\MetalwrightAgent`;
    const values = reg.keys.get(service.toLowerCase());
    expect(values?.get('Start')).toEqual({ type: 'REG_DWORD', data: '2' });
    expect(values?.get('ImagePath')?.data).toBe(
      '"%SystemRoot%\\Metalwright\\metalwright-service.exe"',
    );
    expect(reg.keys.has(`${ROOT}\\MountedDevices`.toLowerCase())).toBe(false);
    expect(reg.commands[0]).toEqual(['load', ROOT, file]);
    expect(reg.isLoaded()).toBe(false);
  });

  it('tells a change that reg says it made and did not, and unloads all the same', async () => {
    const reg = fakeReg({ deaf: ['Start'] });
    await expect(edit(reg, serviceEdits())).rejects.toMatchObject({
      code: 'windows.hive',
      message: expect.stringContaining('Start reads back as null'),
    });
    expect(reg.isLoaded()).toBe(false);
  });

  it('waits for a program that holds the hive open, and gives up in the end', async () => {
    const reg = fakeReg({ busy: 3 });
    await edit(reg, []);
    expect(reg.commands.filter(([verb]) => verb === 'unload')).toHaveLength(4);
    await expect(edit(fakeReg({ busy: 99 }), [])).rejects.toMatchObject({ code: 'windows.hive' });
  });

  it('unloads what an agent that was ended left loaded', async () => {
    const reg = fakeReg({ loaded: true });
    await edit(reg, []);
    expect(reg.commands.map(([verb]) => verb)).toEqual(['unload', 'load', 'unload']);
  });

  it('writes each kind of value, and leaves what is not there', async () => {
    const reg = fakeReg();
    await edit(reg, [
      {
        kind: 'set',
        key: 'Setup',
        name: 'L',
        value: { type: 'REG_MULTI_SZ', data: ['a', 'b'] },
      },
      {
        kind: 'set',
        key: 'Setup',
        name: 'B',
        value: { type: 'REG_BINARY', data: new Uint8Array([1, 255]) },
      },
      { kind: 'delete-value', key: 'Setup', name: 'UnattendFile' },
      { kind: 'delete-key', key: 'CurrentControlSet\\Services\\None' },
    ]);
    const values = reg.keys.get(`${ROOT}\\Setup`.toLowerCase());
    expect(values?.get('L')?.data).toBe('a\nb');
    expect(values?.get('B')?.data).toBe('01ff');
    expect(reg.commands.some(([verb]) => verb === 'delete')).toBe(false);
  });
});

describe('M53 newPassword', () => {
  it('is another each time, with each kind of character', () => {
    const made = Array.from({ length: 50 }, newPassword);
    expect(new Set(made).size).toBe(50);
    for (const password of made) expect(password).toMatch(/^(?=.*[A-Z])(?=.*[a-z])(?=.*\d).{24}$/);
  });
});
