import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { runCommand } from '../child.ts';
import { seeHistory } from '../history.ts';
import { loopCase } from '../loop-bench.ts';
import { loopImage } from '../loop-images.ts';
import { defineScenario, expect } from '../scenario.ts';
import { applyImage, formatDisk } from '../sequences.ts';
import { openSite } from '../site.ts';

/** A Windows image on NTFS: what is on the volume is what was captured, file for file. */
export const deployNtfs = defineScenario({
  name: 'deploy-ntfs',
  title: 'A WIM of a Windows tree is applied to NTFS; every file is compared.',
  kind: 'loop',
  estimateSeconds: 20,
  core: true,
  async run(lab) {
    const { wim, folder } = await loopImage(lab.directory, 'windows');
    const site = await openSite(lab, 'ask');
    await site.metalwright('image', 'add', wim, '--name', 'Loop Windows');
    const steps = [formatDisk('ntfs', 64), applyImage('Loop Windows')];
    const document = { name: 'To NTFS', steps };
    const bench = await loopCase(lab, site, { number: 1, document, diskMiB: 512 });
    await bench.machine.runToEnd();
    const run = await bench.run();
    seeHistory(lab, run);

    const mounted = join(lab.directory, 'ntfs');
    await mkdir(mounted);
    const volume = `${bench.device}p2`;
    await runCommand(['mount', '-t', 'ntfs-3g', '-o', 'ro', volume, mounted]);
    try {
      const [source, applied] = [await hashes(folder), await hashes(mounted)];
      for (const [path, hash] of source)
        expect(applied.get(path) === hash, `${path} on NTFS is what was captured`, () =>
          [...applied.keys()].join('\n'),
        );
      lab.see('disk', `${source.size} files on NTFS are what was captured`);
    } finally {
      await runCommand(['umount', mounted]);
    }
    expect(run.state === 'succeeded', `the run succeeded, it is ${run.state}`);
  },
});

/** SHA-256 of every regular file below a folder, by path. */
async function hashes(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found = new Map<string, string>();
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const hash = createHash('sha256').update(await readFile(path));
    found.set(relative(folder, path), hash.digest('hex'));
  }
  return found;
}
