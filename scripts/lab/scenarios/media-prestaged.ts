import { join } from 'node:path';
import { type Bench, enrolMachine, LAB_MACHINE, openBench } from '../bench.ts';
import { runCommand } from '../child.ts';
import { DEPLOYMENT_MS, variableOf } from '../deployment.ts';
import { readExt4, readPartitions } from '../disk-image.ts';
import { expectRun, seeHistory, waitForRun } from '../history.ts';
import { attachLoop } from '../loop-device.ts';
import { saidByScreen } from '../media.ts';
import { defineScenario, expect, type Lab } from '../scenario.ts';
import { applyImage, formatDisk, LAB_IMAGE, shell } from '../sequences.ts';
import { waitFor } from '../wait.ts';

const SEQUENCE = 'From the factory';
const STAGED = 'metalwright-staged';

/** A disk is prepared where no server is, and finished in a machine, which takes the content from it. */
export const mediaPrestaged = defineScenario({
  name: 'media-prestaged',
  title:
    'A disk that was staged without a server starts a machine with Secure Boot, which meets the server and has the image already.',
  kind: 'machine',
  estimateSeconds: 300,
  core: false,
  async run(lab) {
    const bench = await openBench(lab, { secureBoot: true, bus: 'nvme', diskMiB: 4096 });
    await prepare(lab, bench);
    await stage(lab, bench);

    const { site, machine, disk } = bench;
    await machine.powerOn();
    const run = await waitForRun(lab, site, { timeoutMs: DEPLOYMENT_MS, of: LAB_MACHINE.name });
    for (const line of saidByScreen(await machine.serial())) lab.see('machine', line);
    seeHistory(lab, run);
    expectRun(run, ['What the media say: ok', 'Format the disk: ok', 'Apply the image: ok']);
    const told = variableOf(run, 'LabMedia')?.trim();
    expect(told === 'OEMMedia HD', 'the run knows what it was started from', () => told ?? '');
    await checkContent(lab, bench, run.id);
    await checkDisk(lab, disk);
  },
});

/** What is deployed to the machine. Nobody is started by the network. */
async function prepare(lab: Lab, bench: Bench): Promise<void> {
  const { site } = bench;
  await site.metalwright('image', 'add', lab.images.osImage, '--name', LAB_IMAGE);
  await site.metalwright('netboot', 'set', '--answer-on', '');
  const said = 'echo %_SMSTSMediaType% %_SMSTSLaunchMode%';
  await site.addSequence({
    name: SEQUENCE,
    steps: [
      shell('What the media say', said, { outputVariable: 'LabMedia' }),
      formatDisk('ext4'),
      applyImage(LAB_IMAGE),
    ],
  });
  await enrolMachine(bench, 'Bench');
  await site.metalwright('deploy', SEQUENCE, '--collection', 'Bench', '--purpose', 'required');
}

/** As at a staging centre: by the agent's own command, on the disk alone, while the machine is not there. */
async function stage(lab: Lab, { site, disk }: Bench): Promise<void> {
  const wim = join(lab.directory, 'factory.wim');
  const words = ['--label', 'Factory', '--sequence', SEQUENCE, '--output', wim];
  const address = ['--server-address', site.address];
  lab.see('server', await site.metalwright('media', 'create', 'prestaged', ...words, ...address));
  await using device = await attachLoop(disk);
  const agent = [process.execPath, join(import.meta.dirname, '../../../agent/main.ts')] as const;
  const said = await runCommand([...agent, 'stage', wim, '--disk', device.path, '--yes'], {
    timeoutMs: 300_000,
  });
  for (const line of said.trim().split('\n')) lab.see('disk', line);
  const names = (await readPartitions(disk)).map((partition) => partition.name);
  expect(names.join() === STAGED, 'the disk has the media and nothing else', () => names.join());
}

/** All of the image came from the disk. The end of a log comes after the end of its run. */
async function checkContent(lab: Lab, { site }: Bench, runId: string): Promise<void> {
  const told = /Content: ([\d.]+) MB were staged on the disk, ([\d.]+) MB came over the network/;
  const [line, staged, fetched] = await waitFor(
    'the log says where the content came from',
    async () => told.exec(await site.metalwright('run', 'log', runId)) ?? undefined,
    { timeoutMs: 60_000, signal: lab.signal },
  );
  lab.see('server', line);
  expect(Number(staged) > 10 && Number(fetched) === 0, 'all content was on the disk', () => line);
}

/** The system is there, and what was staged is gone: that comes when the server has heard of the end. */
async function checkDisk(lab: Lab, disk: string): Promise<void> {
  const partitions = await waitFor(
    'what was staged is gone',
    async () => {
      const all = await readPartitions(disk);
      return all.some(({ name }) => name === STAGED) ? undefined : all;
    },
    { timeoutMs: 60_000, signal: lab.signal },
  );
  for (const { name } of partitions) lab.see('disk', `partition ${name}`);
  const [, system] = partitions;
  if (system === undefined) throw new Error('the disk has no second partition');
  const release = await readExt4(disk, system, '/usr/lib/os-release');
  expect(release?.includes('Debian') === true, 'the operating system is on the disk');
  expect(partitions.length === 2, 'the disk has no other partition');
}
