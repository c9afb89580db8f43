import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gptPartition } from './device.ts';
import { withStagedWindowsPe } from './edit-store.ts';
import { formatBcd } from './format-bcd.ts';
import { formatHive } from './format-hive.ts';
import { patched, recordAt } from './hive.testing.ts';
import { fileTimeOf, type Hive, type HiveKey, keyAt, valueOf } from './hive.ts';
import { installedWindowsStore } from './installed-windows.ts';
import { parseHive } from './parse-hive.ts';
import { readText } from './registry-value.ts';
import { formatStore, parseStore } from './store.ts';
import { mediaStore, networkStore } from './windows-pe.ts';

/** Readers and writers of registry hives that others wrote. */
const peers = {
  hivexsh: 'libhivex-bin',
  hivexml: 'libhivex-bin',
  hivexregedit: 'libwin-hivex-perl',
  reged: 'chntpw',
  regfexport: 'libregf-utils',
} as const;
const missing = Object.entries(peers)
  .filter(([program]) => spawnSync('which', [program]).status !== 0)
  .map(([program, debianPackage]) => `${program} (Debian: ${debianPackage})`);
if (missing.length > 0 && process.env['REQUIRE_PEERS'] === '1')
  throw new Error(`missing: ${missing.join(', ')}`);

const disk = '10000000-0000-4000-8000-00000000000d';
const windows = gptPartition('10000000-0000-4000-8000-000000000003', disk);
const installed = installedWindowsStore({
  firmware: 'uefi',
  system: gptPartition('10000000-0000-4000-8000-000000000001', disk),
  windows,
  description: 'Windows 11',
  locale: 'en-US',
  loader: '20000000-0000-4000-8000-000000000001',
  resume: '20000000-0000-4000-8000-000000000002',
  recovery: {
    source: gptPartition('10000000-0000-4000-8000-000000000004', disk),
    loader: '20000000-0000-4000-8000-000000000003',
    options: '20000000-0000-4000-8000-000000000004',
  },
});
const tftp = { blockSize: 1456, windowSize: 4 };
const written = fileTimeOf(Date.UTC(2024, 0, 17, 5, 20));
const staged = withStagedWindowsPe(installed, {
  firmware: 'uefi',
  source: windows,
  wimPath: '\\PE\\boot.wim',
  sdiPath: '\\PE\\boot.sdi',
  description: 'Windows PE',
  loader: '30000000-0000-4000-8000-000000000001',
  options: '30000000-0000-4000-8000-000000000002',
});

const data = (size: number) => Uint8Array.from({ length: size }, (_, at) => (at * 7 + size) % 251);
const value = (name: string, size: number) => ({ name, type: 3, data: data(size) });
const key = (name: string, keys: HiveKey[], ...values: HiveKey['values']): HiveKey => ({
  name,
  keys,
  values,
});
/** All that a store has not: lists of lists, large values, names of other letters, the default value. */
const wide: Hive = {
  fileName: 'wide',
  lastWritten: written,
  root: key(
    'root',
    [
      key(
        'many',
        Array.from({ length: 1201 }, (_, at) => key(`k${at}`, [])),
      ),
      key('ключ', [key('日本', [])], value('значение', 5)),
      ...Array.from({ length: 300 }, (_, at) =>
        key(`{key ${at}}`, [], value('a', at), value('b', at % 9), value('c', 3 * at)),
      ),
    ],
    value('', 3),
    value('large', 70_000),
  ),
};
const hives: Readonly<Record<string, Uint8Array>> = {
  network: formatStore(networkStore({ firmware: 'uefi', tftp }), written),
  bios: formatStore(networkStore({ firmware: 'bios', tftp }), written),
  media: formatStore(mediaStore('uefi'), written),
  installed: formatStore(installed, written),
  staged: formatStore(staged, written),
  wide: formatHive(wide),
};

/** `path\name` of each value, with type and data; a line for each key. */
function flat(root: HiveKey, path = ''): string[] {
  const values = root.values.map(
    ({ name, type, data }) => `${path}|${name}|${type}|${Buffer.from(data).toString('hex')}`,
  );
  return [
    `${path}|`,
    ...values,
    ...root.keys.flatMap((child) => flat(child, `${path}\\${child.name}`)),
  ];
}

/** The same of a text that hivexregedit or reged export. */
function flatOfExport(text: string, prefix: string): string[] {
  let path = '';
  return text
    .replaceAll(/\\\r?\n\s*/g, '')
    .split(/\r?\n/)
    .flatMap((line) => {
      const [, found] = /^\[(.*)\]$/.exec(line) ?? [];
      if (found !== undefined) {
        path = found.slice(prefix.length).replace(/\\$/, '');
        return [`${path}|`];
      }
      const [, name, number, type, hex] =
        /^(?:"(.*?)"|@)=(?:dword:(\w+)|hex(?:\((\w+)\))?:(.*))$/.exec(line) ?? [];
      if (number !== undefined) {
        const bytes = Buffer.from(number, 'hex').reverse().toString('hex');
        return [`${path}|${name}|4|${bytes}`];
      }
      if (hex === undefined) return [];
      return [
        `${path}|${name ?? ''}|${Number.parseInt(type ?? '3', 16)}|${hex.replaceAll(',', '')}`,
      ];
    });
}

let folder = '';
const run = (program: string, args: string[], input?: string) =>
  execFileSync(program, args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: 'pipe',
    maxBuffer: 1 << 28,
    ...(input === undefined ? {} : { input }),
  });

/** It opens /dev/stdout by name, which cannot be done with the socket that Node gives it. */
function hivexml(name: string): string {
  const output = openSync(join(folder, 'out.xml'), 'w');
  execFileSync('hivexml', [name], { cwd: folder, stdio: ['ignore', output, 'pipe'] });
  closeSync(output);
  return readFileSync(join(folder, 'out.xml'), 'utf8');
}

describe.skipIf(missing.length > 0)(
  `other readers (skipped without ${Object.keys(peers).join(', ')})`,
  () => {
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'bcd-'));
      for (const [name, bytes] of Object.entries(hives)) writeFileSync(join(folder, name), bytes);
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it.each(Object.keys(hives))('hivexregedit reads every key and value: %s', (name) => {
      const text = run('hivexregedit', ['--export', name, '\\']);
      const ours = flat(parseHive(hives[name] ?? data(0)).root);
      expect(new Set(flatOfExport(text, ''))).toEqual(new Set(ours));
    });

    it.each(['network', 'installed', 'staged'])('reged reads every key: %s', (name) => {
      run('reged', ['-x', name, 'BCD', '\\', 'out.reg']);
      const lines = new Set(flatOfExport(readFileSync(join(folder, 'out.reg'), 'utf8'), 'BCD'));
      // It writes text as text: numbers and bytes are compared, and that each key is there.
      const ours = flat(parseHive(hives[name] ?? data(0)).root);
      const comparable = ours.filter((line) => !/\|1\|/.test(line));
      expect(comparable.filter((line) => !lines.has(line))).toEqual([]);
      expect(comparable.length).toBeGreaterThan(30);
    });

    it.each(Object.keys(hives))('libregf reads every key: %s', (name) => {
      const text = run('regfexport', [name]);
      const { root } = parseHive(hives[name] ?? data(0));
      const paths = flat(root, root.name)
        .filter((line) => line.endsWith('|') && line.split('|').length === 2)
        .map((line) => line.slice(0, -1));
      const read = [...text.matchAll(/^Key path: (.*)$/gm)].map(([, path]) => path);
      expect(read).toHaveLength(paths.length);
      expect(new Set(read)).toEqual(new Set(paths));
    });

    it('hivexsh finds a key by its path, and hivexml the time that was written', () => {
      const commands =
        'cd Objects\\{9dea862c-5cdd-4e70-acc1-f32b344d4795}\\Elements\\23000003\nlsval Element\n';
      expect(run('hivexsh', ['network'], commands)).toContain(
        '{7619dcc9-fafe-11d9-b411-000476eba25f}',
      );
      expect(hivexml('network')).toContain('<mtime>2024-01-17T05:20:00Z</mtime>');
    });

    it('what hivexsh and hivexregedit changed is read by us', () => {
      writeFileSync(join(folder, 'changed'), hives['network'] ?? '');
      const at = '\\Objects\\{9dea862c-5cdd-4e70-acc1-f32b344d4795}\\Elements\\25000004';
      run(
        'hivexsh',
        ['-w', 'changed'],
        `cd ${at}\nsetval 1\nElement\nhex:3:09,00,00,00,00,00,00,00\ncd ..\nadd 26000020\ncd 26000020\nsetval 1\nElement\nhex:3:01\ncommit\n`,
      );
      const patch =
        'Windows Registry Editor Version 5.00\n\n[\\Objects\\{7619dcc9-fafe-11d9-b411-000476eba25f}\\Elements\\12000004]\n"Element"=str(1):"PE of the site, with a longer name"\n';
      writeFileSync(join(folder, 'patch.reg'), patch);
      run('hivexregedit', ['--merge', 'changed', 'patch.reg']);
      const text = formatBcd(parseStore(readFileSync(join(folder, 'changed'))));
      expect(text).toContain('timeout                 9\ndisplaybootmenu         Yes\n');
      expect(text).toContain('description             PE of the site, with a longer name\n');
    });

    it('what reged changed is read by us', () => {
      writeFileSync(join(folder, 'edited'), hives['installed'] ?? '');
      const patch =
        'Windows Registry Editor Version 5.00\r\n\r\n[BCD\\Description]\r\n"KeyName"="BCD00000009"\r\n';
      writeFileSync(join(folder, 'edit.reg'), patch);
      spawnSync('reged', ['-C', '-I', 'edited', 'BCD', 'edit.reg'], { cwd: folder });
      const { root } = parseHive(readFileSync(join(folder, 'edited')));
      const description = keyAt(root, 'Description');
      const name = description && valueOf(description, 'KeyName');
      expect(name && readText(name)).toBe('BCD00000009');
    });

    it('they and we refuse the same damage: checksum, a key that is none', () => {
      const good = hives['network'] ?? data(0);
      const checksum = Uint8Array.from(good);
      checksum[508] = (checksum[508] ?? 0) ^ 1;
      const root = patched(good, { [recordAt(good, 'nk')]: 0 });
      for (const bytes of [checksum, root]) {
        writeFileSync(join(folder, 'bad'), bytes);
        expect(() => parseHive(bytes)).toThrow();
        expect(() => run('hivexregedit', ['--export', 'bad', '\\'])).toThrow();
      }
    });
  },
);
