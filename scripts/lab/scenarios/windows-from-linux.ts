import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunDetail } from '#server/http/api.ts';
import { enrolMachine, openBench } from '../bench.ts';
import { DEPLOYMENT_MS, variableOf } from '../deployment.ts';
import { historyLines, seeHistory, stepEnds, waitForRun } from '../history.ts';
import { defineScenario, expect, type Lab } from '../scenario.ts';
import { applyImage, formatWindowsDisk, shell } from '../sequences.ts';
import type { SequenceDocument } from '../site.ts';
import { checkDisk } from '../windows/disk-checks.ts';
import { makeWindowsImage } from '../windows/windows-image.ts';
import { makeDriverPackages } from '../wine/drivers.ts';

const IMAGE = 'Windows of the lab';
const DRIVERS = 'Drivers of the lab';
const SEQUENCE = 'Windows from Linux';
/** What the stand-in loader prints on the console, which OVMF also sends to the serial port. */
const MARKER = 'METALWRIGHT-STAND-IN-STARTED';
const BOOT = 'EFI/Microsoft/Boot';

/**
 * A Windows-shaped image goes on in Linux PE, with Secure Boot on: boot files of the set that the firmware trusts,
 * boot configuration and entry. shim stands for the boot manager, so the firmware itself says whether it trusts
 * what was chosen; MokManager, which Debian signed, for the set that it does not.
 */
export const windowsFromLinux = defineScenario({
  name: 'windows-from-linux',
  title:
    'A Windows-shaped image from Linux PE: NTFS, boot files, BCD and entry; firmware starts it.',
  kind: 'machine',
  estimateSeconds: 600,
  core: false,
  async run(lab) {
    const { bootImages } = lab.images;
    const image = await makeWindowsImage(lab.directory, {
      loader: join(bootImages, 'shimx64.efi'),
      newer: join(bootImages, 'mmx64.efi'),
    });
    const bench = await openBench(lab, { secureBoot: true, bus: 'nvme', diskMiB: 768 });
    const { site, machine } = bench;
    await site.metalwright('image', 'add', image.wim, '--name', IMAGE);
    const drivers = await makeDriverPackages(lab.directory);
    await site.metalwright('package', 'add', drivers.all, '--name', DRIVERS, '--drivers');
    await site.addSequence(windowsSequence());
    await enrolMachine(bench, 'Bench');
    await site.metalwright('deploy', SEQUENCE, '--collection', 'Bench', '--purpose', 'required');
    await machine.powerOn();
    const run = await waitForRun(lab, site, {
      timeoutMs: DEPLOYMENT_MS,
      until: ({ events, endedMs }) =>
        endedMs !== null || events.some(({ fact }) => fact.kind === 'restart-requested'),
    });
    seeHistory(lab, run);
    const ends = stepEnds(run.events);
    expect(
      ENDS.every((end, index) => ends[index] === end),
      `steps end as ${ENDS.join(', ')}`,
      () => `${JSON.stringify(run.error)}\n${historyLines(run.events).join('\n')}`,
    );
    await machine.waitForSerial(MARKER, 600_000);
    lab.see('machine', 'with Secure Boot on, the firmware started the boot manager from the disk');
    await machine.cutPower();
    checkEntry(lab, run);
    await checkDisk(lab, { disk: bench.disk, title: IMAGE }, image);
    await checkNvram(lab);
  },
});

const ENDS = [
  'Format the disk: ok',
  'Apply the image: ok',
  'Drivers for the devices: ok',
  'All drivers of a package: ok',
  'Settings of Windows: ok',
  'Settings of the network: ok',
  'Tell the boot entries: ok',
  'Lay what the stand-in starts: ok',
];

function windowsSequence(): SequenceDocument {
  return {
    name: SEQUENCE,
    steps: [
      formatWindowsDisk(100),
      applyImage(IMAGE),
      { step: 'Drivers for the devices', type: 'auto-apply-drivers' },
      {
        step: 'All drivers of a package',
        type: 'apply-driver-package',
        params: { package: { name: DRIVERS }, recurse: true },
      },
      {
        step: 'Settings of Windows',
        type: 'apply-windows-settings',
        params: { timeZone: 'W. Europe Standard Time', registeredOrganization: 'Lab & Sons' },
      },
      {
        step: 'Settings of the network',
        type: 'apply-network-settings',
        params: { join: 'workgroup', workgroup: 'LABGROUP' },
      },
      shell('Tell the boot entries', 'efibootmgr -v | grep -e BootOrder -e Windows', {
        outputVariable: 'LabEntries',
      }),
      shell('Lay what the stand-in starts', STAND_IN),
      { step: 'Set Windows up', type: 'setup-windows' },
    ],
  };
}

/** shim starts the GRUB beside it; that reads /EFI/debian/grub.cfg. */
const STAND_IN = [
  'set -e',
  'mkdir -p /tmp/esp',
  'mount -t vfat /dev/nvme0n1p1 /tmp/esp',
  `cp /usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed /tmp/esp/${BOOT}/grubx64.efi`,
  'mkdir -p /tmp/esp/EFI/debian',
  `printf "%s\\n" "terminal_output console" "echo ${MARKER}" "sleep 600" > /tmp/esp/EFI/debian/grub.cfg`,
  'umount /tmp/esp',
].join('; ');

/** What efibootmgr saw from inside, while the run went on. */
function checkEntry(lab: Lab, run: RunDetail): void {
  const told = variableOf(run, 'LabEntries') ?? '';
  const [, first = ''] = /^BootOrder: ([0-9A-F]{4})/m.exec(told) ?? [];
  const entry = new RegExp(`^Boot${first}.*$`, 'm').exec(told)?.[0] ?? '';
  lab.see('machine', entry.slice(0, 200));
  expect(
    /Windows Boot Manager/.test(entry) && /bootmgfw\.efi/i.test(entry),
    'the entry of Windows is first',
    () => told,
  );
}

/** The firmware's variable store: the entry has what Windows knows it by. */
async function checkNvram(lab: Lab): Promise<void> {
  const store = await readFile(join(lab.directory, 'm1.nvram'));
  const label = store.lastIndexOf(Buffer.from('Windows Boot Manager\0', 'utf16le'));
  const entry = store.subarray(label, label + 512);
  const data = entry.indexOf('WINDOWS\0');
  const object = Buffer.from('BCDOBJECT={9dea862c-5cdd-4e70-acc1-f32b344d4795}', 'utf16le');
  expect(
    label !== -1 && data !== -1 && entry.includes(object),
    'the entry in NVRAM names the BCD',
    () => entry.toString('hex'),
  );
  lab.see('disk', 'NVRAM: the entry "Windows Boot Manager" has the optional data of Windows');
}
