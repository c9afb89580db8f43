import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LAB_MACHINE } from '../bench.ts';
import { runCommand } from '../child.ts';
import { ESP_TYPE, readExt4, readPartitions } from '../disk-image.ts';
import { buildMachine, makeDisk } from '../machine.ts';
import { makeMedia, saidUntilEnd, typePassword } from '../media.ts';
import { defineScenario, expect, type Lab } from '../scenario.ts';
import { applyImage, formatDisk, inOs, LAB_IMAGE, PROOF_FILE, shell } from '../sequences.ts';
import { openSite, type Site } from '../site.ts';
import { waitFor } from '../wait.ts';

const PASSWORD = 'Bench7disc';
/** What the agent in the installed system works with. */
const AGENT_SETTINGS = '/etc/metalwright/stand-alone.json';
const AGENT_UNIT = '/etc/systemd/system/metalwright-agent.service';
const SEQUENCE = 'From a stick';

/** A machine without any network adapter: all there is comes from the stick, and the server is not even running. */
export const mediaStandAlone = defineScenario({
  name: 'media-stand-alone',
  title:
    'A stick installs a machine with Secure Boot that has no network adapter, and the run goes on in the installed system.',
  kind: 'machine',
  estimateSeconds: 250,
  core: false,
  async run(lab) {
    const site = await openSite(lab, 'ask');
    const image = await installMedia(lab, site);
    await site.kill();
    const disk = join(lab.directory, 'disk.img');
    await makeDisk(disk, 3072);
    const { name: _, ...identity } = LAB_MACHINE;
    const machine = lab.use(
      await buildMachine(
        {
          ...identity,
          secureBoot: true,
          memoryMiB: 1536,
          network: false,
          disk: { bus: 'nvme', image: disk, readOnly: false, serial: 'LABDISK1', cache: 'unsafe' },
          media: { image, as: 'stick' },
        },
        { directory: lab.directory, name: 'm1', signal: lab.signal },
      ),
    );
    lab.countBoots(() => machine.boots());
    await machine.powerOn();
    await typePassword(machine, [PASSWORD]);
    await saidUntilEnd(lab, machine, SEQUENCE);
    await checkDisk(lab, disk);
    await machine.cutPower();
  },
});

/** An operating system on a disk, and steps in it: one has files, which are still on the stick. */
async function installMedia(lab: Lab, site: Site): Promise<string> {
  await site.metalwright('image', 'add', lab.images.osImage, '--name', LAB_IMAGE);
  const folder = join(lab.directory, 'package');
  await mkdir(folder);
  await writeFile(join(folder, 'hello.sh'), `echo "$LabSite, $(uname -r)" > ${PROOF_FILE}\n`);
  await site.metalwright('package', 'add', folder, '--name', 'Hello');
  const told = 'test %_SMSTSMediaType%-%_SMSTSLaunchMode%-%LabSite%-%_SMSTSAdvertID% =';
  const steps = [
    shell('Know the media', `${told} FullMedia-UFD-Vienna-`),
    formatDisk('ext4'),
    applyImage(LAB_IMAGE),
    { step: 'Restart into the OS', type: 'restart', params: { target: 'hd' } },
    {
      step: 'Leave a proof',
      type: 'run-command',
      condition: inOs,
      params: { commandLine: 'sh hello.sh', package: { name: 'Hello' } },
    },
  ];
  await site.addSequence({ name: SEQUENCE, steps });
  const password = join(lab.directory, 'password');
  await writeFile(password, `${PASSWORD}\n`);
  const options = ['--password-file', password, '--variable', 'LabSite=Vienna', '--unattended'];
  return makeMedia(lab, site, ['stand-alone', 'Stick', '--sequence', SEQUENCE, ...options]);
}

/**
 * An operating system in which the run has ended, nothing of the agent left, and the history of the run. The machine is on
 * still: the last of it gets to the disk by and by.
 */
async function checkDisk(lab: Lab, disk: string): Promise<void> {
  const [esp, system] = await readPartitions(disk);
  expect(esp?.type === ESP_TYPE && system !== undefined, 'a system partition, and one for the OS');
  if (esp === undefined || system === undefined) return;
  const gone = async (file: string) => (await readExt4(disk, system, file)) === undefined;
  await waitFor(
    'nothing is left of the agent on the disk',
    async () => {
      const left = [AGENT_SETTINGS, AGENT_UNIT].map(async (file) => gone(file));
      return (await Promise.all(left)).every(Boolean) || undefined;
    },
    { timeoutMs: 120_000, everyMs: 2000, signal: lab.signal },
  );
  const proof = await readExt4(disk, system, PROOF_FILE);
  lab.see('disk', `${PROOF_FILE}: ${proof?.trim() ?? 'not there'}`);
  expect(proof?.startsWith('Vienna, ') === true, 'the step in the OS had its file from the stick');
  const from = ['-i', `${disk}@@${esp.startBytes}`];
  const history = await runCommand(['mtype', ...from, '::/metalwright/history.jsonl']);
  lab.see('disk', history.trim());
  expect(history.includes('"succeeded":true'), 'the history of the run is on the machine');
}
