import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Disk } from '../sequence/platform.ts';
import { SimulatedMachine } from '../simulated-machine/machine.ts';
import { copyLogOut } from './copy-out.ts';
import { LogFiles } from './log-files.ts';

const { signal } = new AbortController();
let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'metalwright-copy-out-'));
});
afterEach(async () => rm(root, { recursive: true }));

/** Disks of a machine whose volumes are folders below `root`, by the number of the disk. */
async function copy(asked: boolean, folders: readonly string[]) {
  const [template] = await new SimulatedMachine({
    disks: [
      {
        sizeBytes: 1e10,
        partitions: [{ type: 'primary', sizeBytes: 1e9, fileSystem: 'ntfs' }],
      },
    ],
  })
    .start('pe')
    .disk.list(signal);
  if (!template) throw new Error('no disk');
  const disk = (number: number, more: Partial<Disk>): Disk => ({
    ...template,
    number,
    model: `M${number}`,
    partitions: template.partitions.map((each) => ({ ...each, volume: String(number) })),
    ...more,
  });
  const disks = [
    disk(0, {}),
    disk(1, { removable: true }),
    disk(2, { removable: true, readOnly: true }),
    disk(3, { removable: true }),
    disk(4, { removable: true }),
  ];
  for (const each of folders) await mkdir(join(root, each), { recursive: true });
  const log = new LogFiles(join(root, 'own', 'smsts.log'), { append: false });
  log.write('a line\n');
  return copyLogOut(
    {
      log,
      name: 'SN/1 x',
      asked,
      disk: {
        list: async () => disks,
        flush: async () => {},
        mount: async (volume) => {
          if (volume === '4') throw new Error('broken');
          return { path: join(root, volume), [Symbol.asyncDispose]: async () => {} };
        },
      },
    },
    signal,
  );
}

it('goes to a stick that has the folder for it, and to no other disk', async () => {
  const sticks = ['0/MetalwrightLogs', '1/MetalwrightLogs', '2/MetalwrightLogs', '3'];
  const { copied, problems } = await copy(false, sticks);
  expect(copied).toEqual(['disk 1 (M1), MetalwrightLogs/SN_1_x']);
  expect(problems).toEqual(['disk 4 (M4): broken']);
  expect(await readFile(join(root, '1/MetalwrightLogs/SN_1_x/smsts.log'), 'utf8')).toBe('a line\n');
  expect(await readdir(join(root, '0/MetalwrightLogs'))).toEqual([]);
  expect(await readdir(join(root, '3'))).toEqual([]);
});

it('goes to each stick where a person asked', async () => {
  const { copied } = await copy(true, ['1', '3']);
  expect(copied).toHaveLength(2);
  expect(await readdir(join(root, '3/MetalwrightLogs/SN_1_x'))).toEqual(['smsts.log']);
});
