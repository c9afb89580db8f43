import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bench, enrolMachine, LAB_MACHINE, openBench } from '../bench.ts';
import { DEPLOYMENT_MS, variableOf } from '../deployment.ts';
import { expectRun, seeHistory, waitForRun } from '../history.ts';
import type { Machine } from '../machine.ts';
import { BIOS_MACHINE, biosMachine, makeMedia, saidByScreen, typePassword } from '../media.ts';
import { defineScenario, expect, type Lab } from '../scenario.ts';
import { formatDisk, shell } from '../sequences.ts';

const PASSWORD = 'Bench7disc';
const SEQUENCE = 'From media';
const ENDS = ['What the media say: ok', 'Format the disk: ok'];

/** Media that only start the machine: password, prestart command, variables, a restart back to them. */
export const mediaBootable = defineScenario({
  name: 'media-bootable',
  title:
    'Media with a password start a machine with Secure Boot as a disc, and one with a BIOS as a stick; the server has them work.',
  kind: 'machine',
  estimateSeconds: 200,
  core: false,
  async run(lab) {
    const image = join(lab.directory, 'Lab-boot-media.iso');
    const bench = await openBench(lab, {
      secureBoot: true,
      bus: 'nvme',
      diskMiB: 512,
      hardware: { media: { image, as: 'disc' } },
    });
    await prepare(lab, bench);
    const { machine } = bench;
    await machine.powerOn();
    await typePassword(machine, ['not that one', PASSWORD]);
    const { name } = LAB_MACHINE;
    await checkRun(lab, bench, { machine, name, launch: 'CD' });
    await bench.machine.cutPower();
    const bios = await biosMachine(lab, image);
    await bios.powerOn();
    await typePassword(bios, [PASSWORD]);
    await checkRun(lab, bench, { machine: bios, name: BIOS_MACHINE.name, launch: 'UFD' });
  },
});

/** A sequence, two machines that are known, and media with all there is. Nobody is started by the network. */
async function prepare(lab: Lab, bench: Bench): Promise<void> {
  const { site } = bench;
  await site.metalwright('netboot', 'set', '--answer-on', '');
  const said = 'echo %_SMSTSMediaType% %_SMSTSLaunchMode% %LabSite% %LabPrestart%';
  const steps = [
    shell('What the media say', said, { outputVariable: 'LabMedia' }),
    formatDisk('ext4', 64),
  ];
  await site.addSequence({ name: SEQUENCE, steps });
  await enrolMachine(bench, 'Bench');
  const { name, mac } = BIOS_MACHINE;
  await site.metalwright('device', 'import', '--name', name, '--mac', mac);
  await site.metalwright('collection', 'add', 'Bench', name);
  await site.metalwright('deploy', SEQUENCE, '--collection', 'Bench', '--purpose', 'required');
  const password = join(lab.directory, 'password');
  await writeFile(password, `${PASSWORD}\n`);
  const words = ['--password-file', password, '--variable', 'LabSite=Vienna'];
  const prestart = ['--prestart', "sh -c 'metalwright-ts set LabPrestart from-$LabSite'"];
  await makeMedia(lab, site, ['bootable', 'Lab boot media', ...words, ...prestart]);
}

/** Waits for the end of a machine's run, and holds it against what must be in it. */
async function checkRun(
  lab: Lab,
  { site }: Bench,
  wanted: {
    readonly machine: Machine;
    readonly name: string;
    readonly launch: string;
  },
): Promise<void> {
  const { machine, name, launch } = wanted;
  const run = await waitForRun(lab, site, { timeoutMs: DEPLOYMENT_MS, of: name });
  for (const line of saidByScreen(await machine.serial())) lab.see('machine', line);
  seeHistory(lab, run);
  expectRun(run, ENDS);
  const told = `BootMedia ${launch} Vienna from-Vienna`;
  const seen = variableOf(run, 'LabMedia')?.trim();
  expect(seen === told, `the run knows "${told}", it is "${seen}"`);
}
