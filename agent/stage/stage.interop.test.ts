import { execFile, execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeMedia } from '#media/build/make-media.ts';
import { makeTestBootImage, testMediaPlan } from '#media/build/media-plan.testing.ts';
import { testSigner } from '#media/signify.testing.ts';
import type { BootEntries, BootEntry } from '../platform/linux/boot-entries.ts';
import { linuxDisk } from '../platform/linux/disk.ts';
import { loopDisk, missingPeers } from '../platform/linux/loop-disk.testing.ts';
import { Mounts } from '../platform/linux/mounts.ts';
import { findStagedEntry, keepStagedEntry, removeStaged } from '../platform/linux/staged-entry.ts';
import { Sha256 } from '../protocol/identity.ts';
import type { PartitionPlan } from '../sequence/platform.ts';
import { stagedContent } from '../transport/staged-content.ts';
import { runStageCommand } from './command.ts';

const run = promisify(execFile);
const signal = new AbortController().signal;
const signer = testSigner();
const object = randomBytes(6_000_000);
const sha256 = Sha256.parse(createHash('sha256').update(object).digest('hex'));
const MIB = 1024 ** 2;
const DISK_MIB = 400;
let folder = '';
let bootImage = '';
let wim = '';
let key = '';

const reason = missingPeers('wimlib-imagex', 'sfdisk', 'mkfs.fat', 'mkfs.ext4', 'fusefat');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'staged-'));
  bootImage = await makeTestBootImage();
  await writeFile(join(folder, 'object'), object);
  key = join(folder, 'boot.pub');
  await writeFile(key, signer.publicKey);
  wim = join(folder, 'staged.wim');
  if (reason !== undefined) return;
  await makeMedia(
    testMediaPlan(bootImage, {
      description: {
        kind: 'prestaged',
        label: 'Factory, spring',
        unknownComputers: true,
        servers: ['10.0.0.1:7443'],
        bootBase: 'http://10.0.0.1:7480',
      },
      objects: [{ sha256, sizeBytes: object.length, file: join(folder, 'object') }],
      sign: async (bytes) => signer.sign(bytes),
    }),
    { form: 'wim', output: wim, work: join(folder, 'work'), onProgress() {}, signal },
  );
});
afterAll(async () => {
  for (const each of [folder, bootImage]) await rm(each, { recursive: true });
});

async function stage(...words: string[]) {
  let said = '';
  const print = async (text: string) => {
    said += text;
  };
  const code = await runStageCommand(words, print, signal);
  return { code, said };
}
const plan = (type: 'efi' | 'primary', mib: number): PartitionPlan => ({
  type,
  label: type === 'efi' ? 'EFI' : 'OS',
  sizeBytes: mib * MIB,
  format: { fileSystem: type === 'efi' ? 'fat32' : 'ext4', quick: true },
  active: false,
});
/** Boot entries of a firmware that has one of an operating system. */
function memoryEntries() {
  const none = { partitionGuid: undefined, loader: undefined, network: false };
  let all: readonly BootEntry[] = [{ ...none, number: '0000', label: 'an OS' }];
  let order: readonly string[] = ['0000'];
  const entries: BootEntries = {
    read: async () => ({ entries: all, order, current: undefined }),
    async create({ label, partitionGuid, loader }) {
      const number = String(all.length).padStart(4, '0');
      all = [...all, { number, label, partitionGuid, loader, network: false }];
      order = [number, ...order];
    },
    async remove(number) {
      all = all.filter((entry) => entry.number !== number);
      order = order.filter((each) => each !== number);
    },
    async setOrder(wanted) {
      order = wanted;
    },
    async setNext() {},
  };
  return { entries, menu: () => ({ entries: all, order }) };
}
const partitions = (path: string) => execFileSync('sfdisk', ['--dump', path], { encoding: 'utf8' });

describe.skipIf(reason !== undefined)('M47 prestaged media', () => {
  it('are put on a disk, at its end, and read back; without --yes nothing is done', async () => {
    using disk = loopDisk(DISK_MIB);
    const asked = await stage(wim, '--disk', disk.path, '--key', key);
    expect(asked).toMatchObject({ code: 1, said: expect.stringContaining(disk.path) });
    expect(asked.said).toContain('Nothing was done');
    await expect(run('sfdisk', ['--dump', disk.path])).rejects.toThrow();

    const { code, said } = await stage(wim, '--disk', disk.path, '--key', key, '--yes');
    expect(code).toBe(0);
    expect(said).toMatch(/Read back: 100 %\n"Factory, spring" .*read back and whole/);
    expect(partitions(disk.path)).toMatch(/128 : start=.*name="metalwright-staged"/);
    expect(partitions(disk.path).match(/start=/g)).toHaveLength(1);
  });

  it('stay when the disk is laid out anew, their content is read, and they go at the end', async () => {
    using disk = loopDisk(DISK_MIB);
    await stage(wim, '--disk', disk.path, '--key', key, '--yes');
    const staged = `${disk.path}p128`;
    const before = /128 : (.*)/.exec(partitions(disk.path))?.[1];
    await using mounts = new Mounts(join(folder, 'mounts'));
    {
      // As Linux PE has them: behind a loop device, mounted, from the first moment on.
      const flags = ['--find', '--show', '--read-only'];
      const held = execFileSync('losetup', [...flags, staged], { encoding: 'utf8' }).trim();
      using _held = { [Symbol.dispose]: () => void execFileSync('losetup', ['--detach', held]) };
      await using media = await mounts.mount(staged, 'fat32', signal);
      const capability = linuxDisk({
        source: async () => [disk.facts],
        mounts,
        beforeErase: async () => {},
        bootMedium: async () => () => false,
        staged,
      });
      const [seen] = await capability.list(signal);
      if (seen === undefined) throw new Error('no disk');
      expect(seen.partitions).toEqual([]);
      expect(seen.sizeBytes).toBeLessThan((DISK_MIB - 64) * MIB);
      const made = await capability.partition(
        { disk: seen, style: 'gpt', partitions: [plan('efi', 64), plan('primary', 100)] },
        signal,
      );
      expect(made.map(({ number, fileSystem }) => [number, fileSystem])).toEqual([
        [1, 'fat32'],
        [2, 'ext4'],
      ]);
      expect(/128 : (.*)/.exec(partitions(disk.path))?.[1]).toBe(before);
      // Once more, as a run does that starts again.
      const [again] = await capability.list(signal);
      if (again === undefined) throw new Error('no disk');
      const once = { disk: again, style: 'gpt', partitions: [plan('primary', 50)] } as const;
      await capability.partition(once, signal);
      expect(/128 : (.*)/.exec(partitions(disk.path))?.[1]).toBe(before);
      await expect(
        capability.partition({ disk: again, style: 'mbr', partitions: [] }, signal),
      ).rejects.toMatchObject({ code: 'disk.staged' });

      const content = stagedContent(async () => media.path);
      const wanted = { path: 'a', sizeBytes: object.length, sha256, chunks: [] };
      const range = { first: 4 * MIB, last: object.length - 1 };
      expect(await content.read(wanted, range)).toEqual(
        Uint8Array.from(object.subarray(range.first)),
      );
      const other = { ...wanted, sha256: Sha256.parse('00'.repeat(32)) };
      expect(await content.read(other, range)).toBeUndefined();
      content.countFetched(1_000_000);
      expect(content.summary()).toContain('1.8 MB were staged on the disk, 1.0 MB came over');
    }
    const { entries, menu } = memoryEntries();
    const source = async () => [disk.facts];
    // A machine that put them on a disk, and was started by something else, leaves them there.
    await removeStaged({ entries, source, device: undefined }, signal);
    expect(partitions(disk.path)).toContain('metalwright-staged');
    expect(await findStagedEntry(entries, signal)).toBeUndefined();
    // Twice leads to one entry, and an installed system finds it.
    expect(await keepStagedEntry(entries, staged, signal)).toBe('0001');
    expect(await keepStagedEntry(entries, staged, signal)).toBe('0001');
    expect(await findStagedEntry(entries, signal)).toBe('0001');
    const partitionGuid = /128 :.*uuid=([^,]*)/.exec(partitions(disk.path))?.[1]?.toLowerCase();
    expect(menu()).toMatchObject({
      entries: [{ label: 'an OS' }, { partitionGuid, loader: '\\EFI\\BOOT\\BOOTX64.EFI' }],
      order: ['0000', '0001'],
    });
    await removeStaged({ entries, source, device: undefined }, signal);
    expect(menu().order).toEqual(['0000']);
    expect(partitions(disk.path)).not.toContain('metalwright-staged');
    expect(partitions(disk.path)).toContain('name="OS"');
  });

  it('are refused where they, their key, or the disk are not right', async () => {
    using disk = loopDisk(DISK_MIB);
    const words = ['--disk', disk.path, '--key', key, '--yes'];
    const cut = join(folder, 'cut.wim');
    await writeFile(cut, (await readFile(wim)).subarray(0, 5_000_000));
    await expect(stage(cut, ...words)).rejects.toMatchObject({ code: 'stage.no-wim' });
    const changed = join(folder, 'changed.wim');
    const bytes = await readFile(wim);
    const at = bytes.indexOf(object.subarray(1000, 1100));
    expect(at).toBeGreaterThan(0);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await writeFile(changed, bytes);
    await expect(stage(changed, ...words)).rejects.toMatchObject({
      code: expect.stringMatching(/^(stage.no-wim|media.damaged)$/),
    });
    const other = join(folder, 'other.pub');
    await writeFile(other, testSigner().publicKey);
    await expect(stage(wim, '--disk', disk.path, '--key', other, '--yes')).rejects.toMatchObject({
      code: expect.stringMatching(/^media\.(other-site|signature)$/),
    });
    await expect(stage(wim, '--disk', `${disk.path}p128`, '--yes')).rejects.toMatchObject({
      code: 'stage.no-disk',
    });
    await expect(stage(wim, '--disk', '/dev/null', '--yes')).rejects.toMatchObject({
      code: 'stage.no-disk',
    });
    await expect(stage(wim)).rejects.toMatchObject({ code: 'agent.usage' });
    using small = loopDisk(40);
    await expect(stage(wim, '--disk', small.path, '--yes')).rejects.toMatchObject({
      code: 'disk.too-small',
    });
    using busy = loopDisk(64);
    await run('mkfs.ext4', ['-q', busy.path]);
    const place = join(folder, 'place');
    await mkdir(place);
    await run('mount', [busy.path, place]);
    try {
      await expect(stage(wim, '--disk', busy.path, '--yes')).rejects.toMatchObject({
        code: 'stage.in-use',
        message: expect.stringContaining(place),
      });
    } finally {
      await run('umount', [place]);
    }
  });
});
