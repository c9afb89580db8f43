import { copyFile, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../child.ts';
import { listFat, readPartitions } from '../disk-image.ts';
import { expectRun, seeHistory } from '../history.ts';
import { attachLoop, type LoopDevice } from '../loop-device.ts';
import { loopImage } from '../loop-images.ts';
import { buildLoopMachine, type LoopMachine, loopMac } from '../loop-machine.ts';
import { makeDisk } from '../machine.ts';
import { defineScenario, expect, type Lab } from '../scenario.ts';
import { applyImage, formatDisk, inOs, shell } from '../sequences.ts';
import { openSite, type Site } from '../site.ts';
import { waitFor } from '../wait.ts';

const NAME = 'LOOP-1';
const SEQUENCE = 'Without a server';
const ENDS = [
  'Know the media: ok',
  'Files of the media: ok',
  'Format the disk: ok',
  'Apply the image: ok',
  'Restart into the OS: ok',
  'In the OS: ok',
];

/** The whole way of a run that knows no server, and what the server is told of it when it is met at last. */
export const standAloneLoop = defineScenario({
  name: 'stand-alone-loop',
  title:
    'Stand-alone media install a system while the server is down, the run goes on there, and the server is told of it later.',
  // On loop devices, but media need the boot image.
  kind: 'machine',
  estimateSeconds: 40,
  core: false,
  async run(lab) {
    const site = await openSite(lab, 'ask');
    await site.metalwright('device', 'import', '--name', NAME, '--mac', loopMac(1));
    const folder = await standAloneMedia(lab, site);
    const trust = await trustOf(lab, site, folder);
    await site.kill();

    const image = join(lab.directory, 'disk.img');
    await makeDisk(image, 512);
    const disk = lab.use(await attachLoop(image));
    const settings = async (environment: string) => ({
      METALWRIGHT_SERVER: '',
      METALWRIGHT_SITE_CA: join(trust, 'site-ca.pem'),
      ...(environment === 'full-os'
        ? { METALWRIGHT_STAND_ALONE: await keptRun(lab, disk) }
        : { METALWRIGHT_MEDIA: folder }),
    });
    const alone = { number: 1, disks: [disk.path], settings };
    const machine = lab.use(await buildLoopMachine(lab, site, alone));
    const exit = await machine.runToEnd();
    for (const line of await saidBy(machine)) lab.see('machine', line);
    expect(exit.code === 0, `the agent ended with 0, not ${exit.code}`);
    expect(machine.boots() === 2, `it was started twice, it was ${machine.boots()} times`);

    await site.start();
    expect((await site.runs()).length === 0, 'the server knows of no run');
    await meetServer(lab, site, { disk, image });
  },
});

/** Media as a folder: what a stick with FAT32 has. */
async function standAloneMedia(lab: Lab, site: Site): Promise<string> {
  const { wim } = await loopImage(lab.directory, 'linux');
  await site.metalwright('image', 'add', wim, '--name', 'System');
  const files = join(lab.directory, 'package');
  await mkdir(files);
  await writeFile(join(files, 'hello.sh'), 'test "$LabSite" = Vienna\n');
  await site.metalwright('package', 'add', files, '--name', 'Hello');
  const steps = [
    shell('Know the media', 'test %_SMSTSMediaType%-%_SMSTSAdvertID% = FullMedia-'),
    {
      step: 'Files of the media',
      type: 'run-command',
      params: { commandLine: 'sh hello.sh', package: { name: 'Hello' } },
    },
    formatDisk('ext4', 64),
    applyImage('System'),
    { step: 'Restart into the OS', type: 'restart', params: { target: 'hd' } },
    shell('In the OS', 'test %LabSite% = Vienna', { condition: inOs }),
  ];
  await site.addSequence({ name: SEQUENCE, steps });
  const folder = join(lab.directory, 'media');
  const words = ['--label', 'Stick', '--sequence', SEQUENCE, '--unattended', '--form', 'folder'];
  const more = ['--variable', 'LabSite=Vienna', '--output', folder];
  await site.metalwright('media', 'create', 'stand-alone', ...words, ...more);
  return folder;
}

/** What Linux PE has from the media to know its site by: the CA, and the key that signs boot images. */
async function trustOf(lab: Lab, site: Site, media: string): Promise<string> {
  const place = join(lab.directory, 'trust');
  await mkdir(place);
  await copyFile(join(site.data, 'site-ca.pem'), join(place, 'site-ca.pem'));
  const archive = await readFile(join(media, 'boot/site.img'), 'latin1');
  const [key] = /untrusted comment: [^\n]*public key\n[\w+/=]+\n/.exec(archive) ?? [];
  expect(key !== undefined, 'the media have the public key of their site');
  await writeFile(join(place, 'boot.pub'), key ?? '');
  return place;
}

/** The run as it lies in the installed system. */
async function keptRun(lab: Lab, disk: LoopDevice): Promise<string> {
  const place = await mkdtemp(join(lab.directory, 'system-'));
  const file = join(place, '..', 'stand-alone.json');
  await runCommand(['mount', '-o', 'ro', `${disk.path}p2`, place]);
  try {
    await copyFile(join(place, 'etc/metalwright/stand-alone.json'), file);
  } finally {
    await runCommand(['umount', place]);
  }
  return file;
}

async function saidBy(machine: LoopMachine): Promise<readonly string[]> {
  const lines = (await machine.output()).split(/\r?\n/).map((line) => line.trim());
  return lines.filter((line) => /^(Step|Checking|Restart|DONE|Task sequence|#|Run )/.test(line));
}

/** The machine is started by the network: the server has nothing for it, and is told what there was. */
async function meetServer(
  lab: Lab,
  site: Site,
  { disk, image }: { readonly disk: LoopDevice; readonly image: string },
): Promise<void> {
  const met = lab.use(await buildLoopMachine(lab, site, { number: 1, disks: [disk.path] }));
  await met.startInPe();
  const [run, ...others] = await waitFor(
    'the server is told of the run',
    async () => {
      const all = await site.runs();
      return all.length > 0 ? all : undefined;
    },
    { timeoutMs: 60_000, signal: lab.signal, evidence: () => site.log() },
  );
  expect(run !== undefined && others.length === 0, 'it is one run', () => JSON.stringify(others));
  if (run === undefined) return;
  const told = await site.run(run.id);
  seeHistory(lab, told);
  expectRun(told, ENDS);
  await waitFor(
    'what was told is not kept on',
    async () => {
      const [esp] = await readPartitions(image);
      const left = esp === undefined ? [] : await listFat(image, esp);
      return !left.some((file) => file.startsWith('/metalwright/runs/')) || undefined;
    },
    { timeoutMs: 30_000, signal: lab.signal, evidence: () => site.log() },
  );
  lab.see('disk', 'what was told is not kept on the machine any more');
  await met.cutPower();
}
