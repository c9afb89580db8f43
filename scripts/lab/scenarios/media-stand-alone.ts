import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LAB_MACHINE } from '../bench.ts';
import { runCommand } from '../child.ts';
import { DEPLOYMENT_MS } from '../deployment.ts';
import { ESP_TYPE, listFat, readExt4, readPartitions } from '../disk-image.ts';
import { buildMachine, type Machine, makeDisk } from '../machine.ts';
import { makeMedia, saidByScreen } from '../media.ts';
import { defineScenario, expect, type Lab } from '../scenario.ts';
import { applyImage, formatDisk, inOs, LAB_IMAGE, PROOF_FILE, shell } from '../sequences.ts';
import { openSite, type Site } from '../site.ts';
import { waitFor } from '../wait.ts';

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
    await checkDisk(lab, machine, disk);
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
  const options = ['--variable', 'LabSite=Vienna', '--unattended'];
  return makeMedia(lab, site, ['stand-alone', 'Stick', '--sequence', SEQUENCE, ...options]);
}

/**
 * Waits for the end of the run, which is in its history on the system partition: an operating system in which it has ended,
 * with nothing of the agent left. The machine is on still, the last of it gets to the disk by and by.
 */
async function checkDisk(lab: Lab, machine: Machine, disk: string): Promise<void> {
  const history = await waitFor('the run has ended', async () => historyOn(disk), {
    timeoutMs: DEPLOYMENT_MS,
    everyMs: 2000,
    signal: lab.signal,
  });
  for (const line of saidByScreen(await machine.serial())) lab.see('machine', line);
  lab.see('disk', history);
  expect(history.includes('"succeeded":true'), 'the run has succeeded', () => history);
  const [esp, system] = await readPartitions(disk);
  expect(esp !== undefined && system !== undefined, 'a system partition, and one for the OS');
  if (esp === undefined || system === undefined) return;
  await waitFor(
    'nothing is left of the agent on the disk',
    async () => {
      const left = [AGENT_SETTINGS, AGENT_UNIT].map((file) => readExt4(disk, system, file));
      return (await Promise.all(left)).every((text) => text === undefined) || undefined;
    },
    { timeoutMs: 120_000, everyMs: 2000, signal: lab.signal },
  );
  const proof = await readExt4(disk, system, PROOF_FILE);
  lab.see('disk', `${PROOF_FILE}: ${proof?.trim() ?? 'not there'}`);
  expect(proof?.startsWith('Vienna, ') === true, 'the step in the OS had its file from the stick');
  const files = await listFat(disk, esp);
  const kept = files.find((file) => /^\/metalwright\/runs\/[0-9a-f-]{36}\.json$/.test(file));
  lab.see('disk', `for the server: ${kept ?? 'nothing'}`);
  expect(kept !== undefined, 'the run is kept for the server', () => files.join('\n'));
}

/** What the machine remembers of its runs; undefined before it has a system partition, and before one has ended. */
async function historyOn(disk: string): Promise<string | undefined> {
  const [esp] = await readPartitions(disk).catch(() => []);
  if (esp?.type !== ESP_TYPE) return undefined;
  const from = ['-i', `${disk}@@${esp.startBytes}`];
  const text = await runCommand(['mtype', ...from, '::/metalwright/history.jsonl']).catch(() => '');
  return text.trim() === '' ? undefined : text.trim();
}
