import { copyFile } from 'node:fs/promises';
import { runCommand } from '../child.ts';
import { listFat, readPartitions } from '../disk-image.ts';
import { expectRun, expectWhole, seeHistory } from '../history.ts';
import { type LoopCase, type LoopCaseOptions, loopCase } from '../loop-bench.ts';
import { defineScenario, expect, type Lab } from '../scenario.ts';
import { formatDisk, shell } from '../sequences.ts';
import { openSite, type Site } from '../site.ts';

/** Disks as they are found in the field: too small, missing, read-only, and with somebody else's past. */
export const diskFaults = defineScenario({
  name: 'disk-faults',
  title: 'Disks that are missing, too small, read-only, or bear old signatures and journals.',
  kind: 'loop',
  estimateSeconds: 60,
  core: true,
  async run(lab) {
    const site = await openSite(lab, 'ask');
    await refused(lab, site, { number: 1, diskMiB: null, code: 'disk.missing' });
    await refused(lab, site, { number: 2, diskMiB: 48, code: 'disk.too-small' });
    await refused(lab, site, { number: 3, diskMiB: 256, readOnly: true, code: 'disk.read-only' });
    await signatures(lab, site);
    await oldSystemPartition(lab, site);
    await clonedDisk(lab, site);
  },
});

const FORMAT_ENDS = ['Format the disk: ok', 'Look: ok'];

function formatOnly(number: number) {
  return { name: `Format ${number}`, steps: [formatDisk('ext4', 64), shell('Look', 'echo seen')] };
}

/** Runs a case to its end. */
async function runCase(
  lab: Lab,
  site: Site,
  options: Omit<LoopCaseOptions, 'document'>,
): Promise<LoopCase> {
  const bench = await loopCase(lab, site, { ...options, document: formatOnly(options.number) });
  await bench.machine.runToEnd();
  return bench;
}

/** The run must fail with this code before anything is written. */
async function refused(
  lab: Lab,
  site: Site,
  options: { number: number; diskMiB: number | null; readOnly?: boolean; code: string },
): Promise<void> {
  const { code, ...rest } = options;
  const bench = await runCase(lab, site, rest);
  const run = await bench.run();
  lab.see('history', `${run.deviceName}: ${run.state}, ${run.error?.message} [${run.error?.code}]`);
  expect(run.state === 'failed', `the run failed, it is ${run.state}`);
  expect(run.error?.code === code, `the code is ${code}`, () => JSON.stringify(run.error));
  expectWhole(run);
  const started = run.events.some(({ fact }) => fact.kind === 'step-started');
  expect(!started, 'it failed before the first step started');
  const screen = await bench.machine.output();
  expect(screen.includes(code), `the machine's screen names ${code}`, () => screen.slice(-2000));
}

/** What blkid finds must be gone: it would be assembled by the next kernel that sees it. */
async function signatures(lab: Lab, site: Site): Promise<void> {
  const bench = await runCase(lab, site, {
    number: 4,
    diskMiB: 256,
    async prepare(_, device) {
      await runCommand(['pvcreate', '--yes', '--force', '--zero', 'y', device]);
      lab.see('disk', `before: ${await signaturesOf(device)}`);
    },
  });
  const run = await bench.run();
  seeHistory(lab, run);
  expectRun(run, FORMAT_ENDS);
  const left = await signaturesOf(bench.device);
  lab.see('disk', `after: ${left}`);
  expect(!left.includes('LVM'), 'no LVM signature is left', () => left);
}

async function signaturesOf(device: string): Promise<string> {
  const output = await runCommand(['wipefs', '--noheadings', '--output', 'TYPE,OFFSET', device]);
  return output.trim().replaceAll(/\s+/g, ' ');
}

/** An EFI system partition of an earlier OS, with loaders in it, must not live on. */
async function oldSystemPartition(lab: Lab, site: Site): Promise<void> {
  const bench = await runCase(lab, site, {
    number: 5,
    diskMiB: 256,
    async prepare(image) {
      await runCommand(['sgdisk', '--new=1:2048:+64M', '--typecode=1:ef00', image]);
      await runCommand(['mkfs.fat', '--offset', '2048', '-F', '32', image, '65536']);
      await runCommand(['mmd', '-i', `${image}@@1M`, '::/EFI', '::/EFI/OLD']);
      await runCommand(['mcopy', '-i', `${image}@@1M`, '/etc/hostname', '::/EFI/OLD/OLD.EFI']);
    },
  });
  const run = await bench.run();
  expectRun(run, FORMAT_ENDS);
  const [esp] = await readPartitions(bench.image);
  if (esp === undefined) throw new Error('the disk has no EFI system partition');
  const files = await listFat(bench.image, esp);
  lab.see('disk', `new EFI system partition: ${files.join(' ') || 'no files'}`);
  expect(!files.some((file) => file.includes('OLD')), 'the old loader is gone', () =>
    files.join('\n'),
  );
}

/** A disk taken from a machine in the middle of its run: its journal is that machine's, not this one's. */
async function clonedDisk(lab: Lab, site: Site): Promise<void> {
  const first = await loopCase(lab, site, {
    number: 6,
    diskMiB: 256,
    document: formatOnly(6),
    cut: 'after:3',
  });
  await (await first.machine.powerOn()).exited;
  await first.machine.cutPower();
  const second = await runCase(lab, site, {
    number: 7,
    diskMiB: 256,
    prepare: (image) => copyFile(first.image, image),
  });
  const run = await second.run();
  seeHistory(lab, run);
  expectRun(run, FORMAT_ENDS);
  const interrupted = await first.run();
  expect(interrupted.id !== run.id, 'the second machine has a run of its own');
  expect(interrupted.endedMs === null, "the first machine's run is still open");
  lab.see('disk', "another machine's journal on the disk was not followed");
}
