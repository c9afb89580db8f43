import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Disk, Partition } from '../../sequence/platform.ts';
import { windowsJournalPlaces } from './journal-places.ts';

const { signal } = new AbortController();
let root = '';
let flushed: string[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'metalwright-places-'));
  flushed = [];
});
afterEach(async () => rm(root, { recursive: true }));

const partition = (number: number, more: Partial<Partition>): Partition => ({
  number,
  volume: `gpt:${number}`,
  type: 'primary',
  label: '',
  sizeBytes: 1e9,
  fileSystem: 'ntfs',
  ...more,
});
const esp = partition(1, { type: 'efi', fileSystem: 'FAT32' });
const disk = (
  number: number,
  partitions: readonly Partition[],
  more: Partial<Disk> = {},
): Disk => ({
  number,
  id: `disk-${number}`,
  model: '',
  serial: '',
  sizeBytes: 1e12,
  sectorBytes: 512,
  readOnly: false,
  removable: false,
  signatures: [],
  partitions,
  ...more,
});
/** Volumes are folders here; `volume` of another disk has the disk's number before it. */
const places = (disks: readonly Disk[], firmware: 'uefi' | 'bios' = 'uefi') =>
  windowsJournalPlaces(
    {
      list: async () => disks,
      async mount(volume) {
        const path = join(root, volume.replace(':', '-'));
        await mkdir(path, { recursive: true });
        return { path, [Symbol.asyncDispose]: async () => {} };
      },
      flush: async (volume) => void flushed.push(volume),
    },
    firmware,
  );

describe('M56 the journal on a Windows machine', () => {
  it('is on no system partition but one that this start made, until the server says so', async () => {
    const each = disk(0, [esp, partition(2, {})]);
    const journals = places([each]);
    expect(await journals.create('made-here', signal)).toBeUndefined();
    await journals.erasing(each);
    const medium = await journals.create('made-here', signal);
    expect(medium?.capacityBytes).toBeGreaterThan(1e6);
    expect(flushed).toEqual(['gpt:1']);
    await medium?.close();
    const anywhere = await places([each]).create('any', signal);
    expect(anywhere).toBeDefined();
    await anywhere?.close();
  });

  it('leaves the medium before its disk is erased, and only then', async () => {
    const [first, second] = [disk(0, [esp]), disk(1, [])];
    const journals = places([first, second]);
    const left: string[] = [];
    journals.onErase(async () => void left.push('left'));
    const medium = await journals.create('any', signal);
    await journals.erasing(second);
    expect(left).toEqual([]);
    await journals.erasing(first);
    expect(left).toEqual(['left']);
    await medium?.close();
    await journals.erasing(first);
    expect(left).toEqual(['left']);
  });

  it.each([
    ['a stick', disk(0, [esp], { removable: true })],
    ['a write-protected disk', disk(0, [esp], { readOnly: true })],
    ['a system partition without a file system', disk(0, [{ ...esp, fileSystem: 'RAW' }])],
  ])('is not on %s', async (_what, each) => {
    expect(await places([each]).create('any', signal)).toBeUndefined();
  });

  it('is on the active partition of a BIOS machine, if an image applied beside it leaves it', async () => {
    const active = partition(1, { active: true, fileSystem: 'NTFS' });
    const medium = await places([disk(0, [active, partition(2, {})])], 'bios').create(
      'any',
      signal,
    );
    expect(medium).toBeDefined();
    await medium?.close();
    expect(await places([disk(0, [active])], 'bios').create('any', signal)).toBeUndefined();
    expect(await places([disk(0, [esp])], 'bios').create('any', signal)).toBeUndefined();
  });

  it('tells a damaged journal from none, keeps history beside it, and removes the journal alone', async () => {
    const journals = places([disk(0, [esp])]);
    expect(await journals.find(signal)).toEqual([]);
    const folder = join(root, 'gpt-1', 'metalwright');
    await journals.remember('{"run":1}', signal);
    await journals.remember('{"run":2}', signal);
    await writeFile(join(folder, 'journal.bin'), new Uint8Array(1024 * 1024));
    expect(await journals.find(signal)).toEqual([]);
    await writeFile(join(folder, 'journal.bin'), new Uint8Array(1024 * 1024).fill(7));
    const found = await journals.find(signal);
    for (const each of found) expect(each.kind).toBe('damaged');
    await journals.remove(signal);
    expect(await readFile(join(folder, 'history.jsonl'), 'utf8')).toBe('{"run":1}\n{"run":2}\n');
    await expect(readFile(join(folder, 'journal.bin'))).rejects.toThrow('ENOENT');
  });
});
