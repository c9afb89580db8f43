import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunDetail } from '#server/http/api.ts';
import { type Bench, enrolMachine, LAB_MACHINE, openBench } from '../bench.ts';
import { runCommand } from '../child.ts';
import { DEPLOYMENT_MS, variableOf } from '../deployment.ts';
import { ESP_TYPE, type ImagePartition, listFat, readPartitions } from '../disk-image.ts';
import { historyLines, seeHistory, stepEnds, waitForRun } from '../history.ts';
import { defineScenario, expect, type Lab } from '../scenario.ts';
import { applyImage, formatWindowsDisk, shell } from '../sequences.ts';
import type { SequenceDocument } from '../site.ts';
import { type NtfsFile, ntfsFiles, withNtfs } from '../windows/ntfs-facts.ts';
import { HIVE_SECURITY, makeWindowsImage, type WindowsImage } from '../windows/windows-image.ts';

const IMAGE = 'Windows of the lab';
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
    await checkDisk(lab, bench, image);
    await checkNvram(lab);
  },
});

const ENDS = [
  'Format the disk: ok',
  'Apply the image: ok',
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

async function checkDisk(lab: Lab, { disk }: Bench, { volume }: WindowsImage): Promise<void> {
  const partitions = await readPartitions(disk);
  for (const { number, name, type, sizeBytes } of partitions)
    lab.see('disk', `partition ${number} "${name}" ${Math.round(sizeBytes / 1048576)} MiB ${type}`);
  const [esp, , windows] = partitions;
  if (esp?.type !== ESP_TYPE || windows === undefined || partitions.length !== 3)
    throw new Error(`the partitions are ${JSON.stringify(partitions)}`);
  await checkSystemPartition(lab, disk, esp);
  await checkBootStore(lab, disk, esp);
  await checkVolume(lab, { disk, windows, volume });
}

async function checkSystemPartition(lab: Lab, disk: string, esp: ImagePartition): Promise<void> {
  const files = (await listFat(disk, esp)).map((path) => path.toLowerCase());
  for (const path of [
    'bcd',
    'bootmgfw.efi',
    'boot.stl',
    'de-de/bootmgfw.efi.mui',
    'fonts/wgl4_boot.ttf',
    'resources/bootres.dll',
  ])
    expect(files.includes(`/efi/microsoft/boot/${path}`), `${path} is there`, () =>
      files.join('\n'),
    );
  expect(files.includes('/efi/boot/bootx64.efi'), 'the fallback is there', () => files.join('\n'));
  const shim = await readFile(join(lab.images.bootImages, 'shimx64.efi'));
  for (const path of [`${BOOT}/bootmgfw.efi`, 'EFI/Boot/bootx64.efi']) {
    const copy = join(lab.directory, 'from-esp');
    await fromFat(disk, esp, path, copy);
    expect((await readFile(copy)).equals(shim), `${path} is the loader that the firmware trusts`);
  }
  lab.see('disk', `${files.length} files on the EFI partition, boot files of the trusted set`);
}

/** By hivexget: partitions and disk as sgdisk prints them, language and title of the image. */
async function checkBootStore(lab: Lab, disk: string, esp: ImagePartition): Promise<void> {
  const store = join(lab.directory, 'BCD');
  await fromFat(disk, esp, `${BOOT}/BCD`, store);
  const element = async (object: string, id: string): Promise<string> =>
    (
      await runCommand(['hivexget', store, `\\Objects\\${object}\\Elements\\${id}`, 'Element'])
    ).trim();
  const manager = '{9dea862c-5cdd-4e70-acc1-f32b344d4795}';
  const loader = await element(manager, '23000003');
  expect((await element(loader, '12000004')) === IMAGE, 'the menu shows the title of the image');
  expect((await element(loader, '12000005')) === 'de-DE', 'the language is that of the image');
  const printed = await runCommand(['sgdisk', '-p', '-i', '3', disk]);
  const first = await runCommand(['sgdisk', '-i', '1', disk]);
  const guid = (text: string, name: string): string =>
    mixedEndian(new RegExp(`${name}: (\\S+)`).exec(text)?.[1] ?? '');
  const bytes = async (object: string, id: string): Promise<string> => {
    const folder = join(lab.directory, 'element');
    await runCommand([
      'sh',
      '-c',
      'hivexget "$1" "$2" Element > "$3"',
      'sh',
      store,
      `\\Objects\\${object}\\Elements\\${id}`,
      folder,
    ]);
    return (await readFile(folder)).toString('hex');
  };
  const osDevice = await bytes(loader, '21000001');
  expect(
    osDevice.includes(guid(printed, 'unique GUID')) &&
      osDevice.includes(guid(printed, 'Disk identifier \\(GUID\\)')),
    'the loader is told partition and disk of Windows',
    () => osDevice,
  );
  const system = await bytes(manager, '11000001');
  expect(system.includes(guid(first, 'unique GUID')), 'the boot manager is told its partition');
  lab.see('disk', `BCD read by hivex: "${IMAGE}", de-DE, ${loader}`);
}

/** Every file against the volume that was captured: bytes, security, short names, junction, streams, links. */
async function checkVolume(
  lab: Lab,
  { disk, windows, volume }: { disk: string; windows: ImagePartition; volume: string },
): Promise<void> {
  const boot = (await readFile(disk)).subarray(windows.startBytes, windows.startBytes + 512);
  expect(
    boot.readUInt32LE(0x1c) === windows.startBytes / 512,
    `NTFS says that it begins at sector ${windows.startBytes / 512}, it says ${boot.readUInt32LE(0x1c)}`,
  );
  const folder = join(lab.directory, 'ntfs');
  const source = await withNtfs(volume, 0, folder, ntfsFiles);
  const applied = await withNtfs(disk, windows.startBytes, folder, ntfsFiles);
  for (const [path, file] of source) {
    const found = applied.get(path);
    expect(found !== undefined && isSame(path, file, found), `${path} is as it was captured`, () =>
      JSON.stringify([file, found].map((one) => one && [...one.attributes])),
    );
  }
  await withNtfs(disk, windows.startBytes, folder, (root) => checkSetup(lab, root));
  const security = applied.get(CHANGED)?.attributes.get('system.ntfs_acl');
  expect(security === HIVE_SECURITY, 'the hive has the security of the image', () =>
    String(security),
  );
  const named = [...source.values()].flatMap(({ attributes }) => [...attributes.keys()]);
  for (const name of ['system.ntfs_dos_name', 'system.ntfs_reparse_data', 'user.Zone.Identifier'])
    expect(named.includes(name), `the image had a ${name}`);
  lab.see(
    'disk',
    `${source.size} files and folders on NTFS are what was captured, with all that NTFS keeps`,
  );
}

/** The hive that was changed has another size, and all else as it was. */
const CHANGED = 'Windows/System32/config/SYSTEM';

function isSame(path: string, one: NtfsFile, other: NtfsFile): boolean {
  const alike = [...one.attributes].every(([name, value]) => other.attributes.get(name) === value);
  return alike && one.links === other.links && (path === CHANGED || one.size === other.size);
}

/** What Setup Windows laid there: answer file, service, agent; read by other readers than ours. */
async function checkSetup(lab: Lab, root: string): Promise<void> {
  const answers = await readFile(join(root, 'Windows/Panther/Unattend/Unattend.xml'), 'utf8');
  const name = await runCommand([
    'python3',
    '-c',
    'import sys, xml.etree.ElementTree as t; print([e.text for e in t.parse(sys.argv[1]).iter() if e.tag.endswith("}ComputerName")])',
    join(root, 'Windows/Panther/Unattend/Unattend.xml'),
  ]);
  expect(
    name.includes(LAB_MACHINE.name),
    `the answer file names ${LAB_MACHINE.name}`,
    () => answers,
  );
  for (const text of ['LABGROUP', 'Lab &amp; Sons', 'W. Europe Standard Time'])
    expect(answers.includes(text), `the answer file has ${text}`, () => answers);
  const service = '\\ControlSet001\\Services\\MetalwrightAgent';
  const program = await runCommand(['hivexget', join(root, CHANGED), service, 'ImagePath']);
  const start = await runCommand(['hivexget', join(root, CHANGED), service, 'Start']);
  lab.see('disk', `service MetalwrightAgent: ${program.trim()}, Start ${start.trim()}`);
  expect(
    /metalwright-service\.exe/.test(program) && start.trim().endsWith('2'),
    'the service starts by itself',
    () => `${program} ${start}`,
  );
  for (const file of ['metalwright-agent.exe', 'metalwright-service.exe']) {
    const bytes = await readFile(join(root, 'Windows/Metalwright', file));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    // What the server took in when it started: beside the boot image a newer one may lie by now.
    const kept = join(lab.directory, 'server/content', sha256.slice(0, 2), sha256);
    expect(existsSync(kept), `${file} is an object of the server`, () => sha256);
  }
  const settings = await readFile(join(root, 'Windows/Metalwright/agent.json'), 'utf8');
  expect(settings.includes('"full-os"'), 'the agent is told where it runs', () => settings);
  lab.see('disk', 'answer file, service, agent and its settings are in the Windows');
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

async function fromFat(disk: string, esp: ImagePartition, path: string, to: string): Promise<void> {
  await runCommand(['mcopy', '-o', '-i', `${disk}@@${esp.startBytes}`, `::/${path}`, to]);
}

/** A GUID as Windows and GPT store it, hex. */
function mixedEndian(guid: string): string {
  const [a = '', b = '', c = '', ...rest] = guid.toLowerCase().split('-');
  const field = (text: string): string => Buffer.from(text, 'hex').reverse().toString('hex');
  return [a, b, c].map(field).join('') + rest.join('');
}
