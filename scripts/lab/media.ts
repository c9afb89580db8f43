import { join } from 'node:path';
import { LAB_MACHINE } from './bench.ts';
import { buildMachine, type Machine, makeDisk } from './machine.ts';
import type { MachineHardware } from './machine-arguments.ts';
import type { Lab } from './scenario.ts';
import type { Site } from './site.ts';

/** Milliseconds until Linux PE asks at the machine, on two cores without KVM that others use too. */
const ASKS_MS = 600_000;

/** A second machine of the bench, with a BIOS. */
export const BIOS_MACHINE = {
  name: 'LAB-02',
  mac: '52:54:00:77:00:02',
  uuid: '4c4c4544-0042-3510-8052-b4c04f4e3133',
  serial: 'LAB0002',
} as const;

/** Builds that one, with media as a stick; switched off. */
export async function biosMachine(
  lab: Lab,
  image: string,
  { name = 'm2', ...more }: Partial<MachineHardware> & { readonly name?: string } = {},
): Promise<Machine> {
  const { name: _, ...identity } = { ...LAB_MACHINE, ...BIOS_MACHINE };
  const disk = join(lab.directory, `${name}.img`);
  await makeDisk(disk, 512);
  const hardware: MachineHardware = {
    ...identity,
    secureBoot: false,
    memoryMiB: 1024,
    firmware: 'bios',
    disk: { bus: 'ahci', image: disk, readOnly: false, serial: 'LABDISK2', cache: 'unsafe' },
    media: { image, as: 'stick' },
    ...more,
  };
  const { directory, signal } = lab;
  const machine = lab.use(await buildMachine(hardware, { directory, name, signal }));
  lab.countBoots(() => machine.boots());
  return machine;
}

/** Has the server make media, as an operator does, and fetches the image. @returns its path */
export async function makeMedia(
  lab: Lab,
  site: Site,
  [kind, label, ...words]: readonly [string, string, ...string[]],
): Promise<string> {
  const output = join(lab.directory, `${label.replaceAll(/\W+/g, '-')}.iso`);
  const started = performance.now();
  const make = ['media', 'create', kind, '--label', label, '--server-address', site.address];
  const said = await site.metalwright(...make, ...words, '--output', output);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  for (const line of said
    .trim()
    .split('\n')
    .filter((text) => !/^\d+ %$/.test(text)))
    lab.see('server', line);
  lab.see('server', `made in ${seconds} s`);
  return output;
}

/** Types passwords at the serial port, one after the other, as media ask for them. */
export async function typePassword(machine: Machine, passwords: readonly string[]): Promise<void> {
  let from = (await machine.serial()).length;
  for (const password of passwords) {
    await machine.waitForSerial('Password of the media', ASKS_MS, from);
    from = (await machine.serial()).length;
    await machine.type(`${password}\r`);
  }
}

/** What a machine showed to the person before it: not what the kernel and the firmware say. */
export function saidByScreen(serial: string): readonly string[] {
  const lines = serial.split(/\r?\n/).map((line) => line.trim());
  return lines.filter((line) => line !== '' && !/^\[ *\d+\.\d+\]/.test(line) && !isFirmware(line));
}

/** Sequences that move a cursor, and what firmware and GRUB say. */
function isFirmware(line: string): boolean {
  return line.includes('\u001B') || /^(BdsDxe|SeaBIOS|iPXE|Booting from)/.test(line);
}
