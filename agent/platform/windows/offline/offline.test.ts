import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatHive } from '#boot/bcd/format-hive.ts';
import { patched, withChecksum } from '#boot/bcd/hive.testing.ts';
import type { HiveKey } from '#boot/bcd/hive.ts';
import { dwordValue, textValue } from '#boot/bcd/registry-value.ts';
import type { ToolCommand } from '../run-tool.ts';
import { windowsOffline } from './offline.ts';

const signal = new AbortController().signal;
const volume = 'gpt:1';
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offline-'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

function key(name: string, keys: readonly HiveKey[], values: HiveKey['values'] = []): HiveKey {
  return { name, keys, values };
}
/** Keys one in another, the values in the last. */
function nested(path: string, values: HiveKey['values']): HiveKey {
  const names = path.split('\\').reverse();
  return names
    .slice(1)
    .reduce((inner, name) => key(name, [inner]), key(names[0] ?? '', [], values));
}
const hive = (keys: readonly HiveKey[]) =>
  formatHive({ fileName: 'x', lastWritten: 0n, root: key('root', keys) });
const system = hive([
  key('ControlSet001', [
    key('Control', [
      nested('Session Manager\\Environment', [textValue('PROCESSOR_ARCHITECTURE', 'AMD64')]),
      nested('ProductOptions', [textValue('ProductType', 'WinNT')]),
    ]),
  ]),
  nested('Select', [dwordValue('Default', 1)]),
]);
const software = hive([
  key('Microsoft', [
    nested('Windows NT\\CurrentVersion', [
      textValue('CurrentBuildNumber', '26100'),
      dwordValue('CurrentMajorVersionNumber', 10),
      dwordValue('CurrentMinorVersionNumber', 0),
      textValue('EditionID', 'Professional'),
    ]),
  ]),
]);

/** A volume with those hives; `reg load` closes one that was left open. */
async function offline(name: string, hives: Readonly<Record<string, Uint8Array>>) {
  const root = join(folder, name);
  const config = join(root, 'Windows/System32/config');
  await mkdir(config, { recursive: true });
  for (const [file, bytes] of Object.entries(hives)) await writeFile(join(config, file), bytes);
  const done: string[] = [];
  const windows = windowsOffline({
    disk: {
      letter: async () => ({
        letter: 'W',
        async [Symbol.asyncDispose]() {
          done.push('letter given back');
        },
      }),
      flush: async (flushed) => void done.push(`flush ${flushed}`),
    },
    parts: {
      wait: async () => {},
      registry: { read: async () => null },
      async runTool({ argv }: ToolCommand) {
        const [, verb = '', , file = ''] = argv;
        done.push(`reg ${verb}`);
        if (verb === 'load') await writeFile(file, system);
        const exit = { outcome: 'done', meaning: '' } as const;
        return { code: 0, exit, stdout: '', output: '' };
      },
    },
    agent: { settings: () => ({ server: '' }), siteCa: '', fetch: async () => false },
    folder: join(folder, 'work'),
    drivers: () => ({ devices: async () => [], addDrivers: neverAsked }),
    rootOf: () => root,
  });
  return { windows, done, root };
}
// oxlint-disable-next-line require-yield
async function* neverAsked(): AsyncGenerator<never, never> {
  throw new Error('no drivers are asked for');
}

describe('M53 windowsOffline', () => {
  it('reads what the Windows of a volume is', async () => {
    const { windows, done } = await offline('plain', { SYSTEM: system, SOFTWARE: software });
    expect(await windows.facts(volume, signal)).toMatchObject({
      architecture: 'x64',
      version: '10.0.26100',
      edition: 'Professional',
      productType: 'client',
      imageState: null,
    });
    expect(done).toEqual(['letter given back']);
  });

  it('has Windows take in the logs of a hive that was not closed', async () => {
    const dirty = withChecksum(patched(system, { 4: 2, 8: 1 }));
    const { windows, done } = await offline('dirty', { SYSTEM: dirty, SOFTWARE: software });
    expect(await windows.facts(volume, signal)).toMatchObject({ architecture: 'x64' });
    expect(done).toEqual(['reg load', 'reg unload', 'letter given back']);
  });

  it('tells a volume without Windows, and a server without the agent', async () => {
    const { windows } = await offline('empty', {});
    await expect(windows.facts(volume, signal)).rejects.toMatchObject({ code: 'windows.none' });
    const edits = { volume, hive: 'SYSTEM', edits: [] } as const;
    await expect(windows.editRegistry(edits, signal)).rejects.toMatchObject({
      code: 'windows.none',
    });
    await expect(
      windows.installAgent({ volume, architecture: 'x64' }, signal),
    ).rejects.toMatchObject({ code: 'windows.no-agent' });
  });

  it('changes small files, and has them on the disk before it returns', async () => {
    const { windows, done, root } = await offline('files', {});
    const path = '\\WINDOWS\\Panther\\unattend.xml';
    const bytes = new TextEncoder().encode('<unattend/>');
    await windows.files?.change({ volume, changes: [{ kind: 'write', path, bytes }] }, signal);
    expect(done).toEqual(['letter given back', 'flush gpt:1']);
    expect(await readFile(join(root, 'Windows/Panther/unattend.xml'), 'utf8')).toBe('<unattend/>');
    expect(await windows.files?.read({ volume, path: path.toLowerCase() }, signal)).toEqual(
      Buffer.from(bytes),
    );
    await windows.files?.change({ volume, changes: [{ kind: 'remove', path }] }, signal);
    expect(await windows.files?.read({ volume, path }, signal)).toBeNull();
  });
});
