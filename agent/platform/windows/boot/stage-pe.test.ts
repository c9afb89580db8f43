import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testBootImageFacts } from '#boot/boot-image-facts.testing.ts';
import { STAGED_LOADER } from './staged-entry.ts';
import { type BootMachineOptions, bootMachine } from './testing/boot-machine.ts';
import { SimulatedBcdedit } from './testing/simulated-bcdedit.ts';

const { signal } = new AbortController();
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'metalwright-pe-'));
  await writeFile(join(folder, 'boot.wim'), 'image of Windows PE');
  await writeFile(join(folder, 'boot.sdi'), 'ram disk');
  await writeFile(join(folder, 'boot-image.json'), JSON.stringify(testBootImageFacts()));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

/** A machine with Windows on `C:`, whose BitLocker is on for as many questions as said. */
async function machineIn(environment: 'full-os' | 'winpe', options: BootMachineOptions = {}) {
  const machine = await bootMachine({ environment, ...options });
  const [, os] = machine.partitions;
  if (os) os.letter = 'C';
  const bcdedit = new SimulatedBcdedit();
  const bitLocker = { on: false, obeys: true };
  machine.simulated.tools = {
    'bcdedit.exe': bcdedit.run,
    'manage-bde.exe': async ({ argv }) => {
      if (argv[1] === '-status') return { code: bitLocker.on ? 0 : 1 };
      if (bitLocker.obeys) bitLocker.on = false;
      return {};
    },
  };
  const stage = async () => machine.boot.stagePe?.({ folder }, signal);
  const staged = join(machine.os, '_SMSTaskSequence/WinPE');
  return { ...machine, bcdedit, bitLocker, stage, staged };
}

describe('M56 Windows PE from the disk, started once', () => {
  it('from the installed Windows: files, an entry, and the firmware starts the boot manager next', async () => {
    await using machine = await machineIn('full-os');
    const { bcdedit, stage, staged, boot, simulated } = machine;
    expect(await boot.mustStagePe?.(signal)).toBe(true);
    await stage();
    expect(await readFile(join(staged, 'sources/boot.wim'), 'utf8')).toBe('image of Windows PE');
    expect(await readFile(join(staged, 'boot/boot.sdi'), 'utf8')).toBe('ram disk');
    const loader = Object.fromEntries(bcdedit.objects.get(STAGED_LOADER) ?? []);
    const [options = ''] = [...bcdedit.objects.keys()].slice(-2);
    expect(loader).toMatchObject({
      osdevice: `ramdisk=[C:]\\_SMSTaskSequence\\WinPE\\sources\\boot.wim,${options}`,
      path: '\\windows\\system32\\boot\\winload.efi',
      winpe: 'yes',
    });
    expect(Object.fromEntries(bcdedit.objects.get(options) ?? [])).toMatchObject({
      ramdisksdidevice: 'partition=C:',
      ramdisksdipath: '\\_SMSTaskSequence\\WinPE\\boot\\boot.sdi',
    });
    expect(bcdedit.objects.get('{bootmgr}')?.get('bootsequence')).toBe(STAGED_LOADER);
    expect(bcdedit.objects.get('{bootmgr}')?.get('default')).toBe('{current}');
    expect(bcdedit.objects.get('{fwbootmgr}')?.get('bootsequence')).toBe('{bootmgr}');
    expect(new Set(bcdedit.stores)).toEqual(new Set([undefined]));
    expect(simulated.flushed).toHaveLength(1);
  });

  it('twice is as once, and it is taken away again', async () => {
    await using machine = await machineIn('full-os');
    const { bcdedit, stage, staged, boot, os } = machine;
    await stage();
    await stage();
    expect(bcdedit.objects.size).toBe(4);
    await boot.unstagePe?.(signal);
    expect([...bcdedit.objects.keys()]).toEqual(['{bootmgr}', '{fwbootmgr}']);
    expect(bcdedit.objects.get('{bootmgr}')?.has('bootsequence')).toBe(false);
    await expect(stat(join(os, '_SMSTaskSequence'))).rejects.toThrow('ENOENT');
    await mkdir(staged, { recursive: true });
    await writeFile(join(os, '_SMSTaskSequence/other'), '');
    await boot.unstagePe?.(signal);
    expect((await stat(join(os, '_SMSTaskSequence/other'))).isFile()).toBe(true);
  });

  it('replaces entries whose files were formatted away', async () => {
    await using machine = await machineIn('full-os');
    const { bcdedit, stage, staged, os } = machine;
    await stage();
    await rm(join(os, '_SMSTaskSequence'), { recursive: true });
    await stage();
    expect(bcdedit.objects.size).toBe(4);
    expect(bcdedit.objects.get('{bootmgr}')?.get('bootsequence')).toBe(STAGED_LOADER);
    expect(await readFile(join(staged, 'boot/boot.sdi'), 'utf8')).toBe('ram disk');
  });

  it('from Windows PE: the store of the disk is named to bcdedit', async () => {
    await using machine = await machineIn('winpe');
    const { bcdboot, bcdedit, stage, boot, esp, partitions } = machine;
    expect(await boot.mustStagePe?.(signal)).toBe(false);
    await expect(stage()).rejects.toMatchObject({ code: 'boot.stage-store' });
    await bcdboot();
    expect(await boot.mustStagePe?.(signal)).toBe(true);
    await stage();
    expect(new Set(bcdedit.stores)).toEqual(new Set([join(esp, 'EFI/Microsoft/Boot/BCD')]));
    expect(bcdedit.objects.get('{fwbootmgr}')?.size).toBe(0);
    expect(partitions.map(({ letter }) => letter)).toEqual([undefined, 'C']);
  });

  it('suspends BitLocker where it is on, and stages nothing where it stays on', async () => {
    await using machine = await machineIn('full-os');
    machine.bitLocker.on = true;
    await machine.stage();
    expect(machine.simulated.commands).toContainEqual([
      'manage-bde.exe',
      '-protectors',
      '-disable',
      'C:',
      '-RebootCount',
      '1',
    ]);
    await using locked = await machineIn('full-os');
    Object.assign(locked.bitLocker, { on: true, obeys: false });
    await expect(locked.stage()).rejects.toMatchObject({ code: 'boot.stage-bitlocker' });
    expect(locked.bcdedit.objects.has(STAGED_LOADER)).toBe(false);
  });

  it.each([/^\/bootsequence/, /^\/set \S+ osdevice/])(
    'a bcdedit that ends well and does nothing of %s is an error',
    async (ignores) => {
      await using machine = await machineIn('full-os');
      machine.bcdedit.ignores = ignores;
      await expect(machine.stage()).rejects.toMatchObject({ code: 'boot.stage-read-back' });
    },
  );

  it.each([
    ['boot.wim', undefined, 'boot.stage-image'],
    ['boot-image.json', '{}', 'boot.stage-image'],
    ['boot-image.json', 'no JSON', 'boot.stage-image'],
    [
      'boot-image.json',
      JSON.stringify(testBootImageFacts({ architecture: 'arm64' })),
      'boot-image.architecture',
    ],
  ])('M43 refuses an image whose %s is %s', async (name, text, code) => {
    await using machine = await machineIn('full-os');
    if (text === undefined) await rm(join(folder, name));
    else await writeFile(join(folder, name), text);
    await expect(machine.stage()).rejects.toMatchObject({ code });
    expect(machine.simulated.commands).toEqual([]);
  });

  it('refuses a machine without a volume that has room', async () => {
    await using machine = await machineIn('full-os');
    const [, os] = machine.partitions;
    if (os) os.fileSystem = 'REFS';
    await expect(machine.stage()).rejects.toMatchObject({ code: 'boot.stage-space' });
  });
});
