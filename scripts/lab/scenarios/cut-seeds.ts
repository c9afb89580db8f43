import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunDetail } from '#server/http/api.ts';
import { CommandError, runCommand } from '../child.ts';
import { type ImagePartition, listExt4, listFat, readExt4, readPartitions } from '../disk-image.ts';
import { failureReason } from '../failure-reason.ts';
import { expectRun } from '../history.ts';
import { loopImage } from '../loop-images.ts';
import { defineScenario, expect, type Lab, Mismatch } from '../scenario.ts';
import { seeded } from '../seed.ts';
import { openSite, type Site } from '../site.ts';
import { openVolatileDisk, type VolatileDisk } from '../volatile-disk.ts';
import { LOOP_ENDS } from './loop-deploy.ts';
import { cutRun, judge, nameOf } from './power-cut.ts';

/**
 * Each chooses where the power is cut, and which of the blocks that were not flushed are lost: in the middle of
 * formatting and of applying, twice, and right behind the end of each.
 */
const SEEDS = [7, 9, 11, 16, 43];
const DISK_MIB = 256;
/** Machines whose agent leaves out its flush, each by another seed. */
const FORGOTTEN = [60, 61, 62];

/** The real tools on a disk that loses what was not flushed: what a step has finished is there all the same. */
export const cutSeeds = defineScenario({
  name: 'cut-seeds',
  title: 'Power is cut at places that seeds choose, and the disk loses what was not flushed.',
  kind: 'loop',
  estimateSeconds: 110,
  core: false,
  async run(lab) {
    const { wim } = await loopImage(lab.directory, 'linux');
    const site = await openSite(lab, 'ask');
    await site.metalwright('image', 'add', wim, '--name', 'Loop Linux');
    const [wholeDisk] = await disk(lab, 0);
    const whole = await cutRun(lab, site, 1, { disk: wholeDisk });
    expectRun(whole.run, LOOP_ENDS);
    const boots = await checkImage(lab, wholeDisk, { which: 'without a cut' });
    let lostBlocks = 0;
    for (const seed of SEEDS) {
      const random = seeded(seed);
      let place = choose(whole.run, random);
      let [volatile, lost] = await disk(lab, seed, random);
      let cut = await cutRun(lab, site, seed + 1, { cut: place, disk: volatile });
      // The step took less time than without a cut: earlier, then.
      for (let again = 100; !cut.wasCut && again < 200; again += 50) {
        place = place.replace(/\d+$/, (ms) => String(Math.floor(Number(ms) / 3)));
        [volatile, lost] = await disk(lab, seed + again, random);
        cut = await cutRun(lab, site, seed + again, { cut: place, disk: volatile });
      }
      expect(cut.wasCut, `the power was cut ${place}`);
      const what = judge(cut, whole.run, place);
      lostBlocks += lost();
      const where = `seed ${seed}: cut ${place} (${nameOf(whole.run, place)}), ${lost()} blocks lost`;
      lab.see('history', `${where}: ${what}`);
      if (cut.run.state === 'succeeded')
        await checkImage(lab, volatile, { which: `seed ${seed}`, boots });
    }
    expect(lostBlocks > 0, 'something that was not flushed was lost');
    await noticesAForgottenFlush(lab, site, { whole: whole.run, boots });
  },
});

/** The same without the agent's flush, cut right behind the end of *Apply*: what is judged above has to fail then. */
async function noticesAForgottenFlush(
  lab: Lab,
  site: Site,
  { whole, boots }: { readonly whole: RunDetail; readonly boots: string },
): Promise<void> {
  const applied = whole.events.find(
    ({ fact }) => fact.kind === 'step-finished' && fact.name === 'Apply the image',
  );
  const cut = `after:${applied?.seq}`;
  for (const seed of FORGOTTEN) {
    const [volatile] = await disk(lab, seed, seeded(seed));
    let noticed = '';
    try {
      const run = await cutRun(lab, site, seed, { cut, disk: volatile, noFlush: true });
      judge(run, whole, cut);
      await checkImage(lab, volatile, { which: 'without the flush', boots });
    } catch (error) {
      // A file system that cannot be read is noticed by its tool.
      if (!(error instanceof Mismatch || error instanceof CommandError)) throw error;
      noticed = failureReason(error);
    }
    // What was not flushed may all be kept, by the seed and by what the kernel flushes.
    lab.see(
      'disk',
      `the agent's flush left out, seed ${seed}, cut ${cut}: ${noticed || 'not noticed'}`,
    );
    if (noticed !== '') return;
  }
  throw new Mismatch('expected: a flush that the agent leaves out is noticed');
}

/**
 * Where there is a disk to lose something of, from its formatting on: at a record of the journal, or in the middle of
 * what writes to the disk.
 */
function choose({ events }: RunDetail, random: () => number): string {
  const from = events.findIndex(({ fact }) => fact.kind === 'disk-chosen') - 1;
  const of = <Value>(list: readonly Value[]): Value | undefined =>
    list[Math.floor(random() * list.length)];
  const writing = events.slice(from).flatMap(({ seq, fact }) => {
    if (fact.kind !== 'step-started' || !/^(Format|Apply)/.test(fact.name)) return [];
    const end = events.find(
      ({ fact: other }) => other.kind === 'step-finished' && other.stepId === fact.stepId,
    )?.fact;
    return end?.kind === 'step-finished' ? [{ seq, durationMs: end.durationMs }] : [];
  });
  const places = events
    .slice(from, -1)
    .flatMap(({ seq, fact }) =>
      fact.kind === 'step-finished' ? [`before:${seq}`, `after:${seq}`] : [`after:${seq}`],
    );
  const step = random() < 0.6 ? of(writing) : undefined;
  if (step === undefined) return of(places) ?? '';
  return `during:${step.seq}+${Math.floor(random() * step.durationMs)}`;
}

/** A disk, and how many blocks it has lost. */
async function disk(
  lab: Lab,
  seed: number,
  random: () => number = seeded(seed),
): Promise<[VolatileDisk, () => number]> {
  const directory = join(lab.directory, `volatile-${seed}`);
  const opened = lab.use(
    await openVolatileDisk(directory, { sizeMiB: DISK_MIB, random, signal: lab.signal }),
  );
  let lost = 0;
  const restore = async () => {
    const counts = await opened.restore();
    lost += counts.lost;
    return counts;
  };
  return [{ ...opened, restore }, () => lost];
}

/** What the steps have finished is durable: read from the image, not from the kernel's cache. */
async function checkImage(
  lab: Lab,
  { image }: VolatileDisk,
  { which, boots }: { readonly which: string; readonly boots?: string },
): Promise<string> {
  const [esp, system] = await readPartitions(image);
  if (esp === undefined || system === undefined) throw new Error('the disk has no two partitions');
  const files = await listExt4(image, system, '/boot');
  const host = await readExt4(image, system, '/etc/hostname');
  expect(
    files.includes('vmlinuz-6.1.0-lab') && host === 'lab\n',
    `the applied image is durable, ${which}`,
    () => `${files.join(' ')}\n${host}`,
  );
  const found = await bootFiles(lab, image, esp);
  expect(
    found.includes('BOOTX64.EFI') && found === (boots ?? found),
    `what it starts by is durable, ${which}`,
    () => `${found}\n\nwithout a cut:\n${boots}`,
  );
  lab.see('disk', `${which}: the applied image and what it starts by are durable`);
  return found;
}

/** Loaders, kernel and initrd on the EFI system partition, each with its hash. */
async function bootFiles(lab: Lab, image: string, esp: ImagePartition): Promise<string> {
  const paths = (await listFat(image, esp))
    .filter((path) => /\.efi$|\/os\//i.test(path))
    .toSorted();
  const copy = join(lab.directory, 'boot-file');
  const lines: string[] = [];
  for (const path of paths) {
    await runCommand(['mcopy', '-n', '-o', '-i', `${image}@@${esp.startBytes}`, `::${path}`, copy]);
    lines.push(
      `${createHash('sha256')
        .update(await readFile(copy))
        .digest('hex')} ${path}`,
    );
  }
  return lines.join('\n');
}
