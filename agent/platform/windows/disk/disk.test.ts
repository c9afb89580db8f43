import { describe, expect, it } from 'vitest';
import type { PartitionPlan } from '../../../sequence/platform.ts';
import { windowsDisk } from '../disk.ts';
import { bootDrive } from './boot-drive.ts';
import { disksOf } from './testing/on-drives.ts';
import { drive, MIB, ntfs } from './testing/simulated-drive.ts';

const { signal } = new AbortController();
const GUID = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
const EFI = 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b';
const plan = (more: Partial<PartitionPlan>): PartitionPlan => ({
  type: 'primary',
  label: '',
  sizeBytes: 1024 * MIB,
  active: false,
  format: { fileSystem: 'ntfs', quick: true },
  ...more,
});
const uefi: readonly PartitionPlan[] = [
  plan({
    type: 'efi',
    label: 'System',
    sizeBytes: 260 * MIB,
    format: { fileSystem: 'fat32', quick: true },
  }),
  plan({ type: 'msr', sizeBytes: 16 * MIB, format: null }),
  plan({ label: 'Windows', sizeBytes: 60 * 1024 * MIB }),
  plan({ type: 'recovery', label: 'Recovery', sizeBytes: 3818 * MIB }),
];

describe('M55 disks of a Windows machine', () => {
  it('have stable ids, and volumes by the GUIDs of their partitions', async () => {
    const esp = { startBytes: MIB, sizeBytes: 100 * MIB, code: EFI, fileSystem: 'FAT32' };
    const { disk } = disksOf([
      drive(0, {
        style: 'gpt',
        tableId: GUID,
        wwn: '5002538d41628a33',
        vendor: 'Msft',
        partitions: [
          { ...esp, guid: '11111111-1111-4111-8111-111111111111' },
          ntfs('22222222-2222-4222-8222-222222222222', { label: 'Windows', letter: 'C' }),
        ],
      }),
      drive(2, { serial: '', bus: 7 }),
    ]);
    const disks = await disk.list(signal);
    expect(disks).toMatchObject([
      {
        number: 0,
        id: '0x5002538d41628a33',
        model: 'Msft ACME SSD',
        serial: 'S0',
        removable: false,
      },
      { number: 2, id: 'path:scsi:1.0.2.0', removable: true, readOnly: false, partitions: [] },
    ]);
    expect(disks[0]?.partitions).toMatchObject([
      { number: 1, type: 'efi', volume: 'gpt:11111111-1111-4111-8111-111111111111' },
      { number: 2, type: 'primary', fileSystem: 'ntfs', label: 'Windows', letter: 'C' },
    ]);
  });

  it('with an MBR count as their table does, logical partitions from 5', async () => {
    const row = (code: string, startMib: number, more: object = {}) => ({
      startBytes: startMib * MIB,
      sizeBytes: 10 * MIB,
      code,
      ...more,
    });
    const { disk } = disksOf([
      drive(0, {
        style: 'mbr',
        tableId: '0badcafe',
        partitions: [
          row('7', 1, { active: true, fileSystem: 'NTFS' }),
          row('f', 20),
          row('7', 21, { logical: true }),
          row('7', 41, { logical: true, fileSystem: 'NTFS' }),
        ],
      }),
    ]);
    const [found] = await disk.list(signal);
    expect(found?.partitions).toMatchObject([
      { number: 1, volume: 'mbr:0badcafe-1', type: 'primary', active: true, fileSystem: 'ntfs' },
      { number: 2, type: 'extended' },
      { number: 5, type: 'logical', volume: 'mbr:0badcafe-5', fileSystem: '' },
      { number: 6, type: 'logical', fileSystem: 'ntfs' },
    ]);
  });

  it('one that is write-protected is so, one that Windows itself keeps read-only is not', async () => {
    const { disk } = disksOf([
      drive(0, { readOnly: true }),
      drive(1, { readOnly: true, notes: 2 }),
    ]);
    expect((await disk.list(signal)).map(({ readOnly }) => readOnly)).toEqual([true, false]);
  });

  it('say how they are attached, and which of them Windows PE was loaded from', async () => {
    const esp = { startBytes: MIB, sizeBytes: 100 * MIB, code: EFI, fileSystem: 'FAT32' };
    const guid = '11111111-1111-4111-8111-11111111111';
    const stick = (digit: number, letter: string) => ({
      style: 'gpt' as const,
      tableId: GUID,
      partitions: [{ ...esp, guid: `${guid}${digit}`, letter }],
    });
    const { simulated } = disksOf(
      [
        drive(0, { bus: 17, ...stick(1, 'C') }),
        drive(1, { bus: 7, ...stick(2, 'D') }),
        drive(2, { bus: 12, ...stick(3, 'E') }),
        drive(3, { bus: 99 }),
      ],
      {},
    );
    const seen = async (letter: string | undefined) => {
      const { parts } = disksOf([]);
      const asked = windowsDisk(
        { ...parts, win32: simulated.win32 },
        { beforeErase: async () => {}, bootDrive: async () => letter },
      );
      return (await asked.list(signal)).map(({ bus, bootMedium = false }) => [bus, bootMedium]);
    };
    const fixed = ['nvme', false];
    expect(await seen('D')).toEqual([fixed, ['usb', true], ['sd', false], ['other', false]]);
    expect(await seen('E')).toEqual([fixed, ['usb', false], ['sd', true], ['other', false]]);
    expect(await seen('C')).toEqual([fixed, ['usb', false], ['sd', false], ['other', false]]);
    expect(await seen(undefined)).toEqual([fixed, ['usb', false], ['sd', false], ['other', false]]);
  });

  it.each([
    ['D:\\', 'D'],
    ['e:', 'E'],
    ['', undefined],
  ])('Windows PE notes its drive as "%s"', async (data, letter) => {
    const read = async () => ({ value: { type: 'REG_SZ', data } });
    expect(await bootDrive({ read: async () => (await read()) as never }, signal)).toBe(letter);
  });

  it('without calls of Windows none can be seen', async () => {
    const { parts } = disksOf([]);
    const blind = windowsDisk({ ...parts, win32: undefined }, { beforeErase: async () => {} });
    await expect(blind.list(signal)).rejects.toMatchObject({ code: 'disk.no-calls' });
  });
});

describe('M55 partitioning in Windows', () => {
  const one = async (...args: Parameters<typeof disksOf>) => {
    const made = disksOf(...args);
    const [first] = await made.disk.list(signal);
    if (!first) throw new Error('no disk');
    return { ...made, first };
  };

  it('makes the partitions of the plan and reads them back, without the MSR of Windows', async () => {
    const { disk, first, simulated, erased } = await one([drive(0), drive(1)], { reserves: true });
    const made = await disk.partition({ disk: first, style: 'gpt', partitions: uefi }, signal);
    expect(made).toMatchObject([
      { number: 1, type: 'efi', fileSystem: 'fat32', sizeBytes: 260 * MIB, label: 'System' },
      { number: 2, type: 'msr', fileSystem: '' },
      { number: 3, type: 'primary', fileSystem: 'ntfs', letter: 'C', label: 'Windows' },
      { number: 4, type: 'recovery', fileSystem: 'ntfs' },
    ]);
    expect(made[0]?.letter).toBeUndefined();
    expect(made[3]?.letter).toBeUndefined();
    expect(erased.map(({ number }) => number)).toEqual([0]);
    expect(simulated.flushed).toHaveLength(3);
    expect(simulated.drives[1]?.style).toBe('raw');
  });

  it('makes logical partitions and an active one on an MBR disk', async () => {
    const { disk, first } = await one([drive(0)]);
    const partitions = [
      plan({ active: true, label: 'System' }),
      plan({ type: 'extended', sizeBytes: 20 * 1024 * MIB, format: null }),
      plan({ type: 'logical', letter: 'none' }),
      plan({ type: 'logical' }),
    ];
    const made = await disk.partition({ disk: first, style: 'mbr', partitions }, signal);
    expect(made).toMatchObject([
      { number: 1, active: true, volume: 'mbr:1a2b3c4d-1', letter: 'C' },
      { number: 2, type: 'extended' },
      { number: 5, type: 'logical' },
      { number: 6, type: 'logical', letter: 'D' },
    ]);
    expect(made[2]?.letter).toBeUndefined();
  });

  it.each([
    [{ ignores: /^clean|^convert/ }, 'disk.not-written', /was to make it GPT/],
    [{ ignores: /^create/ }, 'disk.not-written', /no partition is there/],
    [{ ignores: /^format/ }, 'disk.read-back', /not formatted/],
    [{ ignores: /^create partition msr/ }, 'disk.read-back', /reads back/],
    [{ ignores: /^delete/, reserves: true }, 'disk.not-written', /reserved partition/],
    [{ ignores: /^set id/ }, 'disk.read-back', /4 \(primary/],
  ])('a diskpart that ends well and does nothing of %j is an error', async (faults, code, text) => {
    const { disk, first } = await one([drive(0)], faults);
    await expect(
      disk.partition({ disk: first, style: 'gpt', partitions: uefi }, signal),
    ).rejects.toMatchObject({ code, message: expect.stringMatching(text) });
  });

  it('writes nothing where the old partitions stay', async () => {
    const old = drive(0, { style: 'gpt', tableId: GUID, partitions: [ntfs(GUID)] });
    const { disk, first, simulated } = await one([old], { ignores: /^clean|^convert/ });
    await expect(
      disk.partition({ disk: first, style: 'gpt', partitions: uefi }, signal),
    ).rejects.toMatchObject({ code: 'disk.not-written' });
    expect(simulated.scripts.some((script) => script.includes('create'))).toBe(false);
  });

  it('erases nothing when its number became another disk’s', async () => {
    const drives = [drive(0), drive(1, { style: 'gpt', tableId: GUID, partitions: [ntfs(GUID)] })];
    const { disk, first, simulated } = await one(drives, {
      // It is unplugged while diskpart looks, and the other disk moves up.
      before: () => drives.length > 1 && drives.splice(0, 2, { ...drive(0), serial: 'OTHER' }),
    });
    await expect(
      disk.partition({ disk: first, style: 'gpt', partitions: uefi }, signal),
    ).rejects.toMatchObject({ code: 'diskpart.other-disk' });
    expect(simulated.scripts).toHaveLength(1);
    expect(simulated.scripts[0]).not.toContain('clean');
  });

  it('waits for the service of diskpart once, and confirms the disk again before it erases', async () => {
    const busy = { script: /clean/, times: 1 };
    const { disk, first, simulated } = await one([drive(0)], { busy });
    await disk.partition({ disk: first, style: 'gpt', partitions: uefi }, signal);
    expect(simulated.scripts.map((script) => script.split('\n')[2]?.split(' ')[0])).toEqual([
      'detail',
      'online',
      'detail',
      'online',
      'format',
    ]);
    const always = await one([drive(0)], { busy: { script: /clean/, times: 9 } });
    await expect(
      always.disk.partition({ disk: always.first, style: 'gpt', partitions: uefi }, signal),
    ).rejects.toMatchObject({ code: 'tool.failed', exitCode: 4 });
  });

  it('refuses a plan that does not fit, and protected disks, before it tells the journal to leave', async () => {
    const { disk, first, erased, simulated } = await one([drive(0)]);
    const partitions = [plan({ sizeBytes: 65 * 1024 * MIB })];
    await expect(
      disk.partition({ disk: first, style: 'gpt', partitions }, signal),
    ).rejects.toMatchObject({ code: 'disk.too-small' });
    const locked = await one([drive(0, { readOnly: true })]);
    await expect(
      locked.disk.partition({ disk: locked.first, style: 'gpt', partitions: uefi }, signal),
    ).rejects.toMatchObject({ code: 'disk.read-only' });
    const running = drive(0, {
      style: 'gpt',
      tableId: GUID,
      partitions: [ntfs(GUID, { letter: 'X' })],
    });
    const inUse = await one([running]);
    await expect(
      inUse.disk.partition({ disk: inUse.first, style: 'gpt', partitions: uefi }, signal),
    ).rejects.toMatchObject({ code: 'disk.in-use' });
    expect([erased, simulated.scripts]).toEqual([[], []]);
  });

  it('gives labels beyond ASCII by a call of Windows', async () => {
    const { disk, first, simulated } = await one([drive(0)]);
    const partitions = [plan({ label: 'Größe 磁盘' })];
    const made = await disk.partition({ disk: first, style: 'gpt', partitions }, signal);
    expect(simulated.drives[0]?.partitions[0]?.label).toBe('Größe 磁盘');
    expect(made).toHaveLength(1);
  });
});

describe('volumes of a Windows machine', () => {
  const volume = `gpt:${GUID}`;
  const windows = (more: object = {}) =>
    drive(0, { style: 'gpt', tableId: GUID, partitions: [ntfs(GUID, more)] });

  it('are mounted at their letter, or by their own name', async () => {
    const lettered = await disksOf([windows({ letter: 'W' })]).disk.mount(volume, signal);
    expect(lettered.path).toBe('W:\\');
    const named = await disksOf([windows()]).disk.mount(volume, signal);
    expect(named.path).toBe(`\\\\?\\Volume{${GUID}}\\`);
    const empty = disksOf([windows({ fileSystem: undefined })]).disk;
    await expect(empty.mount(volume, signal)).rejects.toMatchObject({ code: 'disk.mount' });
    await expect(empty.mount('gpt:none', signal)).rejects.toMatchObject({ code: 'disk.no-volume' });
  });

  it('are lent one letter for all who ask, taken away by the last', async () => {
    const { disk, simulated } = disksOf([windows()]);
    const partition = () => simulated.drives[0]?.partitions[0];
    const [first, second] = await Promise.all([
      disk.letter(volume, signal),
      disk.letter(volume, signal),
    ]);
    expect([first.letter, second.letter, partition()?.letter]).toEqual(['Z', 'Z', 'Z']);
    await first[Symbol.asyncDispose]();
    expect(partition()?.letter).toBe('Z');
    await second[Symbol.asyncDispose]();
    expect(partition()?.letter).toBeUndefined();
  });

  it('keep the letter that they had', async () => {
    const { disk, simulated } = disksOf([windows({ letter: 'C' })]);
    await (await disk.letter(volume, signal))[Symbol.asyncDispose]();
    expect(simulated.drives[0]?.partitions[0]?.letter).toBe('C');
  });

  it('are flushed, and read back with the file system they had', async () => {
    const { disk, simulated } = disksOf([windows()]);
    await disk.flush(volume, signal);
    expect(simulated.flushed).toEqual([`\\\\?\\Volume{${GUID}}\\`]);
    simulated.win32.flushVolume = () => {
      delete simulated.drives[0]?.partitions[0]?.fileSystem;
    };
    await expect(disk.flush(volume, signal)).rejects.toMatchObject({ code: 'disk.read-back' });
  });
});
