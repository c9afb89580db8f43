import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scriptObjects } from './com-registration.ts';
import type { RunWindowsTool } from './run-tool.ts';

const { signal } = new AbortController();
const OURS = '{758FDAB5-555D-4210-84E7-A74F54182D01}';
const NAME = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Classes\\Microsoft.SMS.TSEnvironment';
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'com-registration-'));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

/** A registry that only knows default values, and `reg` on it. */
function machine(values: Record<string, string> = {}, works = true) {
  const imports: string[] = [];
  const log: string[] = [];
  const runTool: RunWindowsTool = async ({ argv }) => {
    const [, verb, what = '', view = ''] = argv;
    const end = {
      code: 0,
      exit: { outcome: 'done', meaning: '' },
      stdout: '',
      output: '',
    } as const;
    if (verb === 'query') {
      const found = values[what];
      return found === undefined
        ? { ...end, code: 1 }
        : { ...end, stdout: `\r\n  (Standard)  REG_SZ  ${found}\r\n` };
    }
    const text = (await readFile(what, 'utf16le')).replace(/^\ufeff/, '');
    imports.push(`${view}\n${text}`);
    let key = '';
    if (works)
      for (const line of text.split('\r\n')) {
        const [, gone, named] = /^\[(-?)(.*)\]$/.exec(line) ?? [];
        if (named !== undefined) key = named;
        if (gone === '-')
          for (const each of Object.keys(values)) if (each.startsWith(key)) delete values[each];
        const [, value] = /^@="(.*)"$/.exec(line) ?? [];
        if (value !== undefined) values[key] = value;
      }
    return end;
  };
  const parts = {
    runTool,
    scratch: async (files: Readonly<Record<string, Uint8Array>>) => {
      const file = (name: string): string => join(folder, name);
      for (const [name, bytes] of Object.entries(files)) await writeFile(file(name), bytes);
      return { path: folder, file, [Symbol.asyncDispose]: async () => {} };
    },
    log: (line: string) => log.push(line),
  };
  const libraries = [
    { view: '64', bytes: Buffer.from('x64') },
    { view: '32', bytes: Buffer.from('x86') },
  ] as const;
  const com = join(folder, 'com');
  return {
    values,
    imports,
    log,
    com,
    open: () => scriptObjects(parts, { folder: com, libraries }),
  };
}

describe('M11 the objects for scripts', () => {
  it('are registered once, for both kinds of programs, names last, and taken away', async () => {
    const { values, imports, com, open } = machine();
    const objects = open();
    await Promise.all([objects.register(signal), objects.register(signal)]);
    expect(imports.map((text) => text.split('\n')[0])).toEqual(['/reg:64', '/reg:32', '/reg:64']);
    expect(imports[1]).toMatch(
      /@=".*metalwright-ts-32-[0-9a-f]{12}\.dll"\r\n"ThreadingModel"="Both"/,
    );
    expect(values[`${NAME}\\CLSID`]).toBe(OURS);
    expect(await readdir(com)).toHaveLength(2);
    await objects[Symbol.asyncDispose]();
    expect(values).toEqual({});
    expect(await readdir(folder)).not.toContain('com');
  });

  it('replace and remove what a power cut left of ours, and leave those of others', async () => {
    const left = machine({ [`${NAME}\\CLSID`]: OURS.toLowerCase() });
    await left.open().register(signal);
    expect(left.imports).toHaveLength(3);
    await left.open()[Symbol.asyncDispose]();
    expect(left.values).toEqual({});
    const other = '{11111111-2222-3333-4444-555555555555}';
    const taken = machine({ [`${NAME}\\CLSID`]: other });
    await using objects = taken.open();
    await objects.register(signal);
    expect(taken.values[`${NAME}\\CLSID`]).toBe(other);
    expect(taken.imports.join()).not.toContain(OURS);
    expect(taken.log.join()).toContain(`registered by another program (${other})`);
    await objects[Symbol.asyncDispose]();
    expect(taken.values).toEqual({ [`${NAME}\\CLSID`]: other });
  });

  it('are read back: a registry that took nothing is an error', async () => {
    await expect(machine({}, false).open().register(signal)).rejects.toThrow(
      'registered and is not there',
    );
  });
});
