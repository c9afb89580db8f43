import { copyFile, mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { LAB_MACHINE } from '../bench.ts';
import { readPartitions } from '../disk-image.ts';
import { buildMachine, type Machine, makeDisk } from '../machine.ts';
import type { MachineHardware } from '../machine-arguments.ts';
import { biosMachine, makeMedia, saidByScreen, typePassword } from '../media.ts';
import { defineScenario, expect, type Lab } from '../scenario.ts';
import { formatDisk } from '../sequences.ts';
import { openSite, type Site } from '../site.ts';
import { waitFor } from '../wait.ts';

/** Until a machine has said why it starts nothing, on two cores without KVM that others use too. */
const SAID_MS = 600_000;
const PASSWORD = 'Bench7disc';
/** A file of a package, as it stands on the media. */
const CONTENT = 'echo this is never run';

/** Media that cannot be used, each for another reason: the machine says it by name, and nothing is run. */
export const mediaRefused = defineScenario({
  name: 'media-refused',
  title:
    'Another architecture, a changed byte, an end that is past and a wrong password: nothing is started, and the screen says why.',
  kind: 'machine',
  estimateSeconds: 350,
  core: false,
  async run(lab) {
    const site = await openSite(lab, 'ask');
    const good = await eraserMedia(lab, site);
    await site.kill();
    const image = join(lab.directory, 'altered.iso');

    await refused(lab, await bios(lab, good, { name: 'm1', processor: 'qemu32' }), {
      code: 'media.architecture',
      words: 'for x64; this machine is x86 with BIOS',
    });
    await copyFile(good, image);
    // Far into the file system of Linux PE, which GRUB has loaded by then.
    await alter(lab, image, 'hsqs', 30_000_000);
    await refused(lab, await bios(lab, image, { name: 'm2' }), {
      code: 'media.damaged',
      words: 'boot/rest.img',
    });
    await refused(lab, await bios(lab, good, { name: 'm3', clock: '2031-05-06T07:08:00' }), {
      code: 'media.expired',
      words: 'were good until 2030-01-01',
    });

    await copyFile(good, image);
    await alter(lab, image, CONTENT, 5);
    const disk = join(lab.directory, 'disk.img');
    const secure = await secureMachine(lab, { image, disk });
    await refused(lab, secure, { code: 'media.damaged', words: 'content/' });
    await copyFile(good, image);
    await secure.powerOn();
    await typePassword(secure, ['not that one']);
    await said(lab, secure, { code: 'media.password, try 1', words: 'Password of the media' });
    await secure.cutPower();
    const found = await readPartitions(disk).catch(() => []);
    expect(found.length === 0, 'the disk is empty still', () => JSON.stringify(found));
  },
});

/** Media whose one step would erase the disk; good until 2030. */
async function eraserMedia(lab: Lab, site: Site): Promise<string> {
  const folder = join(lab.directory, 'package');
  await mkdir(folder);
  await writeFile(join(folder, 'never.sh'), `${CONTENT}\n`);
  await site.metalwright('package', 'add', folder, '--name', 'Never');
  const never = {
    step: 'Never',
    type: 'run-command',
    params: { commandLine: 'sh never.sh', package: { name: 'Never' } },
  };
  await site.addSequence({ name: 'Eraser', steps: [formatDisk('ext4', 64), never] });
  const password = join(lab.directory, 'password');
  await writeFile(password, `${PASSWORD}\n`);
  const options = ['--password-file', password, '--valid-until', '2030-01-01', '--unattended'];
  return makeMedia(lab, site, ['stand-alone', 'Eraser', '--sequence', 'Eraser', ...options]);
}

function bios(lab: Lab, image: string, more: Partial<MachineHardware> & { name: string }) {
  return biosMachine(lab, image, { network: false, ...more });
}

/** With UEFI and Secure Boot; it starts from a disc. */
async function secureMachine(
  lab: Lab,
  { image, disk }: { readonly image: string; readonly disk: string },
): Promise<Machine> {
  await makeDisk(disk, 64);
  const { name: _, ...identity } = LAB_MACHINE;
  const hardware: MachineHardware = {
    ...identity,
    secureBoot: true,
    memoryMiB: 1024,
    network: false,
    disk: { bus: 'nvme', image: disk, readOnly: false, serial: 'LABDISK1', cache: 'unsafe' },
    media: { image, as: 'disc' },
  };
  const { directory, signal } = lab;
  const machine = lab.use(await buildMachine(hardware, { directory, name: 'm4', signal }));
  lab.countBoots(() => machine.boots());
  return machine;
}

interface Refusal {
  readonly code: string;
  readonly words: string;
}

/** Switches a machine on, and off when it has said why nothing is started. */
async function refused(lab: Lab, machine: Machine, refusal: Refusal): Promise<void> {
  await machine.powerOn();
  await said(lab, machine, refusal);
  await machine.cutPower();
}

async function said(lab: Lab, machine: Machine, { code, words }: Refusal): Promise<void> {
  let seen = '';
  await waitFor(
    `the screen says ${code}: ${words}`,
    async () => {
      seen = plain(await machine.serial());
      return (seen.includes(code) && seen.includes(words)) || undefined;
    },
    { timeoutMs: SAID_MS, signal: lab.signal, evidence: () => seen.slice(-2000) },
  );
  const lines = saidByScreen(await machine.serial());
  for (const line of lines) lab.see('machine', line);
  const hasBegun = lines.some((line) => line.startsWith('Step '));
  expect(!hasBegun, 'no step was begun', () => lines.join('\n'));
}

/** Without what moves the cursor, which GRUB of a BIOS has in the middle of its words, and without ends of lines. */
function plain(serial: string): string {
  return stripVTControlCharacters(serial).replaceAll(/\s+/g, ' ');
}

/** Turns one bit of an image, so many bytes behind the first place where a text stands. */
async function alter(lab: Lab, image: string, text: string, behind: number): Promise<void> {
  await using file = await open(image, 'r+');
  const piece = Buffer.alloc(4 * 1024 * 1024);
  for (let offset = 0; ; offset += piece.length - text.length) {
    const { bytesRead } = await file.read(piece, 0, piece.length, offset);
    expect(bytesRead > text.length, `${image} has "${text}"`);
    const found = piece.subarray(0, bytesRead).indexOf(text);
    if (found === -1) continue;
    const at = offset + found + behind;
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, at);
    byte[0] = (byte[0] ?? 0) ^ 0x20;
    await file.write(byte, 0, 1, at);
    lab.see('disk', `one bit of byte ${at} of ${image} turned`);
    return;
  }
}
