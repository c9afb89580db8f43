import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StepProgress } from '../../../sequence/platform.ts';
import { disksOf } from '../disk/testing/on-drives.ts';
import type { DiskpartFaults } from '../disk/testing/simulated-diskpart.ts';
import { drive, ntfs, type SimulatedPartition } from '../disk/testing/simulated-drive.ts';
import { windowsImage } from '../image.ts';
import type { ToolCommand, ToolRun } from '../run-tool.ts';
import { madeWim } from './testing/made-wim.ts';

const GUID = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
const volume = `gpt:${GUID}`;
const windows = madeWim(
  '<DIRCOUNT>4</DIRCOUNT><FILECOUNT>2</FILECOUNT><WINDOWS><ARCH>9</ARCH></WINDOWS>',
);
const data = madeWim('<DIRCOUNT>1</DIRCOUNT><FILECOUNT>3</FILECOUNT>');

/** The folder that stands for the volume. */
let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'metalwright-image-'));
});
afterEach(async () => rm(root, { recursive: true, force: true }));

const put = async (path: string, text = 'x'): Promise<void> => {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
};
/** All files below the root. */
const files = async () =>
  (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .toSorted();

type Tool = (command: ToolCommand) => Promise<Partial<ToolRun>>;
const appliesWindows: Tool = async ({ onOutput }) => {
  onOutput?.('\r[=====          20.0%                    ]');
  await wait(5);
  onOutput?.('\r[==========     50.0%                    ]');
  await wait(5);
  await put('Windows/System32/config/SYSTEM');
  await put('Windows/System32/ntoskrnl.exe');
  return {};
};
/** Formatting empties the folder, as it empties the volume. */
const emptying: DiskpartFaults = {
  formats: () =>
    void pending.push(rm(root, { recursive: true, force: true }).then(async () => mkdir(root))),
};
const pending: Promise<unknown>[] = [];

function machine(
  dism: Tool,
  faults: DiskpartFaults = emptying,
  partition: Partial<SimulatedPartition> = {},
  encrypted = false,
) {
  const found = ntfs(GUID, { label: 'Windows', ...partition });
  const made = disksOf([drive(0, { style: 'gpt', tableId: GUID, partitions: [found] })], faults);
  const run = made.simulated.runTool;
  made.simulated.tools = { 'dism.exe': dism };
  const runTool: typeof run = async (command, signal) => {
    const ended = await run(command, signal);
    await Promise.all(pending.splice(0));
    return ended;
  };
  const image = windowsImage(
    { ...made.parts, runTool, rootOf: () => root, stallMs: 200 },
    { ...made, isEncrypted: async () => encrypted },
  );
  const apply = async (more: object = {}, signal = new AbortController().signal) => {
    const request = { source: windows, index: 1, volume, fileSystem: 'ntfs' as const };
    const seen: StepProgress[] = [];
    for await (const progress of image.apply({ ...request, expectedBytes: 1000, ...more }, signal))
      seen.push(progress);
    return seen;
  };
  const argv = () => made.simulated.commands.find(([program]) => program === 'dism.exe') ?? [];
  return { ...made, apply, argv, found };
}

describe('M55 applying images in Windows', () => {
  it('formats the volume, fetches the WIM to it, applies it, and leaves nothing of its own', async () => {
    await put('old.txt');
    let fetched = 0;
    const { apply, argv, simulated, found } = machine(async (command) => {
      const file = command.argv.find((each) => each.startsWith('/ImageFile:'))?.slice(11) ?? '';
      fetched = Buffer.compare(
        await readFile(file),
        Buffer.from(await windows.read(0, windows.sizeBytes, new AbortController().signal)),
      );
      return appliesWindows(command);
    });
    const seen = await apply();
    expect(fetched).toBe(0);
    expect(await files()).toEqual([
      'Windows/System32/config/SYSTEM',
      'Windows/System32/ntoskrnl.exe',
    ]);
    expect(simulated.scripts).toEqual([
      'select volume Z\nformat quick fs=ntfs label="Windows" override\n',
    ]);
    expect(argv()).toContain('/Index:1');
    expect(argv()[2]).toMatch(/install\.wim$/);
    expect(seen).toContainEqual({ detail: 'Applying image', doneBytes: 500, totalBytes: 1000 });
    expect(seen.some(({ detail }) => detail === 'Fetching the image')).toBe(true);
    expect(simulated.flushed).toHaveLength(1);
    // The letter was lent.
    expect(found.letter).toBeUndefined();
  });

  it('leaves an empty volume as it is: it may have been encrypted before', async () => {
    await mkdir(join(root, 'System Volume Information'));
    const { apply, simulated } = machine(appliesWindows);
    await apply();
    expect(simulated.scripts).toEqual([]);
    const other = machine(appliesWindows, emptying, { fileSystem: 'fat32' });
    await rm(join(root, 'Windows'), { recursive: true });
    await other.apply();
    expect(other.simulated.scripts).toHaveLength(1);
  });

  it('deletes what is on an encrypted volume, as formatting would undo that', async () => {
    await put('Windows/of an attempt that was cut off.dll');
    const { apply, simulated } = machine(appliesWindows, emptying, {}, true);
    await apply();
    expect(simulated.scripts).toEqual([]);
    expect(await files()).toEqual([
      'Windows/System32/config/SYSTEM',
      'Windows/System32/ntoskrnl.exe',
    ]);
  });

  it('deletes all but what is to be kept, the journal and its own folder, where something stays', async () => {
    await put('UserState/store.mig');
    await put('Data/Users/me.txt');
    await put('Data/other.txt');
    await put('metalwright/journal.bin');
    await put('_SMSTaskSequence/WinPE/sources/boot.wim');
    await put('Windows/old.dll');
    const { apply, simulated } = machine(appliesWindows);
    await apply({ keep: ['\\userstate', '\\Data\\Users'] });
    expect(simulated.scripts).toEqual([]);
    expect(await files()).toEqual([
      'Data/Users/me.txt',
      'UserState/store.mig',
      'Windows/System32/config/SYSTEM',
      'Windows/System32/ntoskrnl.exe',
      '_SMSTaskSequence/WinPE/sources/boot.wim',
      'metalwright/journal.bin',
    ]);
  });

  it('takes what was kept for none of its own files', async () => {
    for (const name of 'abcdefgh') await put(`UserState/${name}`);
    for (const name of 'abcdefgh') await put(`Data/Users/${name}`);
    const { apply } = machine(async () => ({}));
    await expect(apply({ keep: ['\\userstate', '\\Data\\Users'] })).rejects.toMatchObject({
      code: 'image.read-back',
      // The root, and the folder that leads to what was kept.
      message: expect.stringContaining('6 files and folders, 2 are there'),
    });
  });

  it('adds files of a data image to those that are there', async () => {
    await put('mine.txt');
    const { apply } = machine(async () => {
      for (const name of ['a', 'b', 'c']) await put(name);
      return {};
    });
    await apply({ source: data, wipe: false });
    expect(await files()).toEqual(['a', 'b', 'c', 'mine.txt']);
  });

  it('takes files that were there before for none of the image, but those that it wrote again', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'folder/e']) await put(name);
    const added = { source: data, wipe: false };
    await expect(machine(async () => ({})).apply(added)).rejects.toMatchObject({
      code: 'image.read-back',
      message: expect.stringContaining('3 files, 0 of the 5 that are there were written'),
    });
    const rewriting = machine(async () => {
      // As an attempt before this one left them, which was cut off.
      for (const name of ['a', 'b', 'c']) await put(name);
      return {};
    });
    await rewriting.apply(added);
    const half = machine(async () => {
      await put('a');
      return {};
    });
    await expect(half.apply(added)).rejects.toMatchObject({ code: 'image.read-back' });
    // FAT does not tell that a file was written again.
    await machine(async () => ({}), emptying, { fileSystem: 'fat32' }).apply({
      ...added,
      fileSystem: 'fat32',
    });
  });

  it.each([
    [
      'does nothing',
      async () => ({}),
      'image.read-back',
      /"" has 6 files and folders, 1 are there/,
    ],
    [
      'leaves the kernel out',
      async () => {
        await put('Windows/System32/config/SYSTEM');
        await put('Windows/System32/a');
        return {};
      },
      'image.read-back',
      /ntoskrnl\.exe is missing/,
    ],
  ] as const)('a dism that %s and ends well is an error', async (_what, dism, code, text) => {
    const { apply } = machine(dism);
    await expect(apply()).rejects.toMatchObject({ code, message: expect.stringMatching(text) });
  });

  it('tells why dism failed, from its output in any language and its log', async () => {
    const { apply } = machine(async ({ argv }) => {
      const log = argv.find((each) => each.startsWith('/LogPath:'))?.slice(9) ?? '';
      const record = (level: string, text: string) =>
        `2026-11-27 11:43:37, ${level.padEnd(21)} DISM   ${text}\r\n`;
      await writeFile(
        log,
        record('Info', 'fine') + record('Error', 'WIM: out of room (hr:0x80070070)'),
      );
      return { code: 112, output: '\r\nFehler: 112\r\n\r\nZu wenig Speicherplatz.\r\n\r\n' };
    });
    await expect(apply()).rejects.toMatchObject({
      code: 'image.too-large',
      exitCode: 0x80070070,
      message: expect.stringMatching(/Zu wenig Speicherplatz.*out of room/),
    });
    // Nothing of the attempt is left to take the room of the next.
    expect(await files()).toEqual([]);
  });

  it('ends a dism that stands still', async () => {
    const { apply } = machine(async () => {
      await wait(400);
      return { code: 1 };
    });
    await expect(apply()).rejects.toMatchObject({ code: 'image.timeout' });
  });

  it('a diskpart that formats nothing is an error, and nothing is applied', async () => {
    await put('old.txt');
    const { apply, argv } = machine(appliesWindows, { ignores: /^format/ });
    await expect(apply()).rejects.toMatchObject({ code: 'disk.not-written' });
    expect(argv()).toEqual([]);
  });

  it.each([
    [{ source: madeWim('').path, fileSystem: 'ext4' }, 'image.file-system'],
    [{ index: 2 }, 'image.index'],
    [{ source: { ...windows, sizeBytes: 100 } }, 'image.unreadable'],
    [{ expectedBytes: Number.MAX_SAFE_INTEGER / 2 }, 'image.no-space'],
    [{ volume: 'gpt:none' }, 'disk.no-volume'],
  ])('refuses %j with %s', async (more, code) => {
    const { apply, argv } = machine(appliesWindows);
    await expect(apply(more)).rejects.toMatchObject({ code });
    expect(argv()).toEqual([]);
  });
});
