import { join } from 'node:path';
import type { RunDetail } from '#server/http/api.ts';
import { listExt4, readExt4, readPartitions } from '../disk-image.ts';
import { expectRun } from '../history.ts';
import { loopImage } from '../loop-images.ts';
import { defineScenario, expect, type Lab } from '../scenario.ts';
import { seeded } from '../seed.ts';
import { openSite } from '../site.ts';
import { openVolatileDisk, type VolatileDisk } from '../volatile-disk.ts';
import { LOOP_ENDS } from './loop-deploy.ts';
import { cutRun, judge, nameOf } from './power-cut.ts';

/**
 * Each chooses where the power is cut, and which of the blocks that were not flushed are lost: in the middle of
 * formatting and of applying, twice, and right behind the end of each.
 */
const SEEDS = [7, 9, 11, 16, 43];
const DISK_MIB = 256;

/** The real tools on a disk that loses what was not flushed: what a step has finished is there all the same. */
export const cutSeeds = defineScenario({
  name: 'cut-seeds',
  title: 'Power is cut at places that seeds choose, and the disk loses what was not flushed.',
  kind: 'loop',
  estimateSeconds: 120,
  core: false,
  async run(lab) {
    const { wim } = await loopImage(lab.directory, 'linux');
    const site = await openSite(lab, 'ask');
    await site.metalwright('image', 'add', wim, '--name', 'Loop Linux');
    const [wholeDisk] = await disk(lab, 0);
    const whole = await cutRun(lab, site, 1, { disk: wholeDisk });
    expectRun(whole.run, LOOP_ENDS);
    await checkImage(lab, wholeDisk, 'without a cut');
    let lostBlocks = 0;
    for (const seed of SEEDS) {
      const random = seeded(seed);
      const place = choose(whole.run, random);
      const [volatile, lost] = await disk(lab, seed, random);
      const cut = await cutRun(lab, site, seed + 1, { cut: place, disk: volatile });
      const what = judge(cut, whole.run, place);
      lostBlocks += lost();
      const where = `seed ${seed}: cut ${place} (${nameOf(whole.run, place)}), ${lost()} blocks lost`;
      lab.see('history', `${where}: ${what}`);
      if (cut.run.state === 'succeeded') await checkImage(lab, volatile, `seed ${seed}`);
    }
    expect(lostBlocks > 0, 'something that was not flushed was lost');
  },
});

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
async function checkImage(lab: Lab, { image }: VolatileDisk, which: string): Promise<void> {
  const [, system] = await readPartitions(image);
  if (system === undefined) throw new Error('the disk has no second partition');
  const files = await listExt4(image, system, '/boot');
  const host = await readExt4(image, system, '/etc/hostname');
  expect(
    files.includes('vmlinuz-6.1.0-lab') && host === 'lab\n',
    `the applied image is durable, ${which}`,
    () => `${files.join(' ')}\n${host}`,
  );
  lab.see('disk', `${which}: the applied image is durable, ${files.length} names in /boot`);
}
