import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bench, LAB_MACHINE } from './bench.ts';
import { BOOT_MANAGER_END, makeBootManager } from './boot-manager.ts';
import { runCommand } from './child.ts';
import { ESP_TYPE } from './disk-image.ts';
import { expectRun, seeHistory, waitForRun } from './history.ts';
import { expect, type Lab } from './scenario.ts';
import { type WireEvent, wireLine } from './wire-summary.ts';

/** From its first question on the wire to the disk. */
const LIMIT_SECONDS = 15;
const BOOT_MS = 300_000;
const ESP_START = 1024 * 1024;
const SAID = BOOT_MANAGER_END;

/** Deploys steps to the bench's machine, which waits to be approved, lets them run, and switches it off: it is done. */
export async function runOnce(
  lab: Lab,
  { site, machine }: Bench,
  steps: readonly { readonly step?: unknown }[],
): Promise<void> {
  const name = 'Once';
  await site.addSequence({ name, steps });
  await site.metalwright('device', 'approve', LAB_MACHINE.serial, '--name', LAB_MACHINE.name);
  await site.metalwright('collection', 'create', name);
  await site.metalwright('collection', 'add', name, LAB_MACHINE.name);
  await site.metalwright('deploy', name, '--collection', name, '--purpose', 'required');
  const run = await waitForRun(lab, site, { timeoutMs: BOOT_MS });
  seeHistory(lab, run);
  expectRun(
    run,
    steps.map(({ step }) => `${String(step)}: ok`),
  );
  await machine.cutPower();
}

/** Makes a disk from which a machine starts, and says so on its serial port. */
export async function makeStartingDisk(
  lab: Lab,
  { disk }: Bench,
  of: 'uefi' | 'bios',
): Promise<void> {
  if (of === 'bios') {
    await using file = await open(disk, 'r+');
    await file.write(bootSector(`${SAID}\r\n`), 0, 512, 0);
    return;
  }
  const loader = join(lab.directory, 'disk-loader.efi');
  await makeBootManager(loader, [], lab.signal);
  const table = `label: gpt\nstart=${ESP_START / 512}, size=131072, type=${ESP_TYPE}\n`;
  await runCommand(['sfdisk', '--quiet', disk], { input: table });
  const esp = `${disk}@@${ESP_START}`;
  await runCommand(['mformat', '-i', esp, '-T', '131072', '-h', '16', '-s', '63', '-F', '::']);
  await runCommand(['mmd', '-i', esp, '::/EFI', '::/EFI/BOOT']);
  await runCommand(['mcopy', '-i', esp, loader, '::/EFI/BOOT/BOOTX64.EFI']);
  await rm(loader);
}

/** Switches the machine on, which starts from the network first, and holds the way to its disk to 15 s, or to more. */
export async function reachesItsDisk(
  lab: Lab,
  { site, machine, capture }: Bench,
  limitSeconds: number = LIMIT_SECONDS,
): Promise<readonly WireEvent[]> {
  const before = (await capture.events()).length;
  const runs = (await site.runs()).length;
  const from = (await machine.serial()).length;
  await machine.powerOn();
  await machine.waitForSerial(SAID, BOOT_MS, from);
  const atSeconds = Date.now() / 1000;
  const events = (await capture.events()).slice(before);
  const asked = events.filter((event) => event.kind === 'dhcp' && event.client === LAB_MACHINE.mac);
  const seconds = atSeconds - (asked[0]?.atSeconds ?? atSeconds);
  const evidence = () => events.map(wireLine).join('\n');
  for (const event of events)
    lab.see(
      'wire',
      `+${(event.atSeconds - (asked[0]?.atSeconds ?? 0)).toFixed(1)} s ${wireLine(event)}`,
    );
  lab.see('machine', `a machine that is done: its disk after ${seconds.toFixed(1)} s`);
  expect(asked.length > 0, 'it asks the network first', evidence);
  expect(seconds <= limitSeconds, `it reaches its disk in ${limitSeconds} s`, evidence);
  expect(!events.some(({ kind }) => kind === 'tftp-read'), 'no boot file is fetched', evidence);
  expect((await site.runs()).length === runs, 'no second run was started');
  for (const { outcome, reason } of (await site.decisions()).slice(0, 1))
    lab.see('server', `${outcome}: ${reason}`);
  return events;
}

/** The first sector of a disk: writes a text to the first serial port, byte by byte, and halts. */
function bootSector(text: string): Buffer {
  const sector = Buffer.alloc(512);
  // xor ax,ax; mov ds,ax; mov dx,3f8; mov si,7c15; lodsb; test al,al; jz end; out dx,al; jmp lodsb; end: hlt; jmp end
  sector.set(Buffer.from('31c08ed8baf803be157cac84c07403eeebf8f4ebfd', 'hex'));
  sector.write(`${text}\0`, 0x15, 'latin1');
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}
