/** A loop disk with an EFI partition and a Windows on NTFS, by the code under test; for its interop tests. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { formatHive } from '#boot/bcd/format-hive.ts';
import { fileTimeOf, type HiveKey, type HiveValue } from '#boot/bcd/hive.ts';
import { dwordValue, textValue } from '#boot/bcd/registry-value.ts';
import type { PartitionPlan, VolumeId } from '../../../sequence/platform.ts';
import { type LinuxDisk, linuxDisk } from '../disk.ts';
import { type LoopDisk, loopDisk } from '../loop-disk.testing.ts';
import { Mounts } from '../mounts.ts';

export interface WindowsDisk extends AsyncDisposable {
  readonly loop: LoopDisk;
  readonly disk: LinuxDisk;
  readonly mounts: Mounts;
  readonly folder: string;
  readonly esp: { readonly volume: VolumeId; readonly device: string };
  readonly windows: { readonly volume: VolumeId; readonly device: string };
}

/** Tools that it takes. */
export const windowsDiskPeers = [
  'sfdisk',
  'partx',
  'wipefs',
  'blkid',
  'mkfs.fat',
  'mkntfs',
  'ntfs-3g',
  'getfattr',
] as const;

const MIB = 1024 * 1024;

export async function windowsDisk(
  files: Readonly<Record<string, string | Uint8Array>>,
  signal: AbortSignal,
  espMib = 64,
): Promise<WindowsDisk> {
  const folder = mkdtempSync(join(tmpdir(), 'metalwright-windows-'));
  const loop = loopDisk(espMib + 96);
  const mounts = new Mounts(join(folder, 'mounts'));
  const disk = linuxDisk({
    source: async () => [loop.facts],
    mounts,
    beforeErase: async () => {},
  });
  const [found] = await disk.list(signal);
  if (found === undefined) throw new Error('no disk');
  const partitions: PartitionPlan[] = [
    {
      type: 'efi',
      label: 'ESP',
      sizeBytes: espMib * MIB,
      active: false,
      format: { fileSystem: 'fat32', quick: true },
    },
    {
      type: 'primary',
      label: 'Windows',
      sizeBytes: 64 * MIB,
      active: false,
      format: { fileSystem: 'ntfs', quick: true },
    },
  ];
  const made = await disk.partition({ disk: found, style: 'gpt', partitions }, signal);
  const volumeOf = (index: number): VolumeId => made[index]?.volume ?? '';
  {
    await using mounted = await disk.mount(volumeOf(1), signal);
    for (const [path, content] of Object.entries(files)) {
      const file = join(mounted.path, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
  }
  return {
    loop,
    disk,
    mounts,
    folder,
    esp: { volume: volumeOf(0), device: `${loop.path}p1` },
    windows: { volume: volumeOf(1), device: `${loop.path}p2` },
    async [Symbol.asyncDispose]() {
      await mounts[Symbol.asyncDispose]();
      loop[Symbol.dispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A key of a hive. */
export function key(
  name: string,
  keys: readonly HiveKey[] = [],
  values: readonly HiveValue[] = [],
): HiveKey {
  return { name, keys, values };
}

/** A SYSTEM hive with two control sets, of which the second is the one that starts. */
export function systemHive(...more: readonly HiveKey[]): Uint8Array {
  const set = (name: string): HiveKey =>
    key(name, [key('Control', [], [textValue('SystemStartOptions', '')]), key('Services')]);
  const root = key('ROOT', [
    set('ControlSet001'),
    set('ControlSet002'),
    key(
      'Select',
      [],
      [dwordValue('Current', 2), dwordValue('Default', 2), dwordValue('Failed', 0)],
    ),
    key('Setup', [], [dwordValue('SystemSetupInProgress', 1), textValue('CmdLine', 'oobe')]),
    ...more,
  ]);
  return formatHive({ fileName: 'SYSTEM', lastWritten: fileTimeOf(0), root });
}
