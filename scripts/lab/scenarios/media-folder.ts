import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { enrolMachine, LAB_MACHINE, openBench } from '../bench.ts';
import { runCommand } from '../child.ts';
import { DEPLOYMENT_MS, variableOf } from '../deployment.ts';
import { expectRun, seeHistory, waitForRun } from '../history.ts';
import { makeDisk } from '../machine.ts';
import { saidByScreen } from '../media.ts';
import { defineScenario, expect, type Lab } from '../scenario.ts';
import { formatDisk, shell } from '../sequences.ts';

/** Where the partition of a stick begins, as the makers of sticks lay it. */
const START_SECTOR = 2048;

/** Media that are a folder, copied into the file system of a stick, as a person does without any tool of media. */
export const mediaFolder = defineScenario({
  name: 'media-folder',
  title: 'A folder of media, copied to a stick with FAT32, starts a machine with Secure Boot.',
  kind: 'machine',
  estimateSeconds: 120,
  core: false,
  async run(lab) {
    const image = join(lab.directory, 'stick.img');
    const bench = await openBench(lab, {
      secureBoot: true,
      bus: 'nvme',
      diskMiB: 512,
      hardware: { media: { image, as: 'stick' } },
    });
    const { site, machine } = bench;
    await site.metalwright('netboot', 'set', '--answer-on', '');
    const said = 'echo %_SMSTSMediaType% %_SMSTSLaunchMode% %LabSite%';
    const steps = [
      shell('What the media say', said, { outputVariable: 'LabMedia' }),
      formatDisk('ext4', 64),
    ];
    await site.addSequence({ name: 'From a folder', steps });
    await enrolMachine(bench, 'Bench');
    const required = ['--collection', 'Bench', '--purpose', 'required'];
    await site.metalwright('deploy', 'From a folder', ...required);
    const folder = join(lab.directory, 'folder');
    const words = ['--label', 'Folder', '--variable', 'LabSite=Vienna', '--form', 'folder'];
    const address = ['--server-address', site.address];
    await site.metalwright('media', 'create', 'bootable', ...words, ...address, '--output', folder);
    await copyToStick(lab, folder, image);

    await machine.powerOn();
    const run = await waitForRun(lab, site, { timeoutMs: DEPLOYMENT_MS, of: LAB_MACHINE.name });
    for (const line of saidByScreen(await machine.serial())) lab.see('machine', line);
    seeHistory(lab, run);
    expectRun(run, ['What the media say: ok', 'Format the disk: ok']);
    const seen = variableOf(run, 'LabMedia')?.trim();
    const told = 'BootMedia UFD Vienna';
    expect(seen === told, `the run knows "${told}", it is "${seen}"`);
  },
});

/** One partition with FAT32, and the files in it. */
async function copyToStick(lab: Lab, folder: string, image: string): Promise<void> {
  await makeDisk(image, 512);
  await runCommand(['sfdisk', '--quiet', image], { input: `start=${START_SECTOR}, type=c\n` });
  const label = ['-n', 'BENCH', '--offset', String(START_SECTOR)];
  const kib = 511 * 1024;
  await runCommand(['mkfs.fat', '-F', '32', ...label, image, String(kib)]);
  const from = (await readdir(folder)).map((name) => join(folder, name));
  const target = `${image}@@${START_SECTOR * 512}`;
  await runCommand(['mcopy', '-s', '-Q', '-i', target, ...from, '::/']);
  lab.see('disk', (await runCommand(['mdir', '-b', '-i', target, '::/'])).trim());
}
