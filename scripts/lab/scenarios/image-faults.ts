import { copyFile, open, readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expectWhole } from '../history.ts';
import { loopCase } from '../loop-bench.ts';
import { loopImage } from '../loop-images.ts';
import { defineScenario, expect, type Lab } from '../scenario.ts';
import { applyImage, formatDisk } from '../sequences.ts';
import { openSite, type Site } from '../site.ts';

/** Images that are truncated, damaged, changed after they were stored, or for another architecture. */
export const imageFaults = defineScenario({
  name: 'image-faults',
  title: 'A WIM that is truncated, damaged, altered on the server or for another architecture.',
  kind: 'loop',
  estimateSeconds: 40,
  core: true,
  async run(lab) {
    const site = await openSite(lab, 'ask');
    const { wim } = await loopImage(lab.directory, 'linux');
    const foreign = await loopImage(lab.directory, 'linux', 'arm64');

    const short = join(lab.directory, 'short.wim');
    await copyFile(wim, short);
    await truncate(short, Math.floor((await stat(wim)).size / 2));
    await refusedByServer(lab, site, short);

    const damaged = join(lab.directory, 'damaged.wim');
    await copyFile(wim, damaged);
    await overwrite(damaged, 6 * 1024 * 1024);
    await site.metalwright('image', 'add', damaged, '--name', 'Damaged');
    await failsWith(lab, site, { number: 1, image: 'Damaged', code: /^image\./ });

    await site.metalwright('image', 'add', foreign.wim, '--name', 'Foreign');
    // Alone it would not be offered to the machine at all; a step of it finds out before anything is written.
    const refused = { number: 2, image: 'Foreign', code: /^image\.architecture$/ };
    await failsWith(lab, site, { ...refused, beside: 'Damaged' });

    await site.metalwright('image', 'add', wim, '--name', 'Altered');
    await overwrite(await largestObject(site), 5 * 1024 * 1024);
    await failsWith(lab, site, { number: 3, image: 'Altered', code: /^content\./ });
  },
});

async function refusedByServer(lab: Lab, site: Site, wim: string): Promise<void> {
  const message = await site
    .metalwright('image', 'add', wim, '--name', 'Short')
    .then((output) => `it was stored: ${output}`)
    .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
  const line = message.split('\n').find((text) => text.startsWith('error:')) ?? message;
  lab.see('server', line);
  expect(
    /\[(wim|image)\.[a-z-]+\]/.test(message),
    'a truncated WIM is refused when it is added',
    () => message,
  );
}

async function failsWith(
  lab: Lab,
  site: Site,
  { number, image, code, beside }: { number: number; image: string; code: RegExp; beside?: string },
): Promise<void> {
  const bench = await loopCase(lab, site, {
    number,
    diskMiB: 256,
    document: {
      name: `Apply ${image}`,
      steps: [
        formatDisk('ext4', 64),
        applyImage(image),
        ...(beside === undefined ? [] : [applyImage(beside)]),
      ],
    },
  });
  await bench.machine.runToEnd();
  const run = await bench.run();
  lab.see('history', `${run.deviceName}: ${run.state}, ${run.error?.message} [${run.error?.code}]`);
  expect(run.state === 'failed', `the run failed, it is ${run.state}`);
  expect(code.test(run.error?.code ?? ''), `its code matches ${code}`, () =>
    JSON.stringify(run.error),
  );
  expectWhole(run);
}

/** Writes 4 KiB of something else into the middle of a file. */
async function overwrite(path: string, offset: number): Promise<void> {
  await using file = await open(path, 'r+');
  await file.write(new Uint8Array(4096).fill(0xa5), 0, 4096, offset);
}

/** The newest object of the server's distribution point that is large: the image added last. */
async function largestObject(site: Site): Promise<string> {
  const root = join(site.data, 'content');
  const names = await readdir(root, { recursive: true, withFileTypes: true });
  const files = await Promise.all(
    names
      .filter((entry) => entry.isFile() && /^[0-9a-f]{64}$/.test(entry.name))
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        const { size, mtimeMs } = await stat(path);
        return { path, size, mtimeMs };
      }),
  );
  const large = files.filter(({ size }) => size > 8 * 1024 * 1024);
  const newest = large.sort((one, other) => other.mtimeMs - one.mtimeMs)[0];
  if (newest === undefined) throw new Error(`no large object below ${root}`);
  return newest.path;
}
