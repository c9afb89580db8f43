/** What an installation of the Windows of the lab has left on its disk, by readers that are not ours. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LAB_MACHINE } from '../bench.ts';
import { runCommand } from '../child.ts';
import { ESP_TYPE, type ImagePartition, listFat, readPartitions } from '../disk-image.ts';
import { expect, type Lab } from '../scenario.ts';
import { type NtfsFile, ntfsFiles, withNtfs } from './ntfs-facts.ts';
import { checkStagedDrivers } from './staged-drivers.ts';
import { HIVE_SECURITY, type WindowsImage } from './windows-image.ts';

const BOOT = 'EFI/Microsoft/Boot';

/** Partitions, boot files, boot configuration and all files, against the volume that was captured. */
export async function checkDisk(
  lab: Lab,
  { disk, title }: { readonly disk: string; readonly title: string },
  { volume }: WindowsImage,
): Promise<void> {
  const partitions = await readPartitions(disk);
  for (const { number, name, type, sizeBytes } of partitions)
    lab.see('disk', `partition ${number} "${name}" ${Math.round(sizeBytes / 1048576)} MiB ${type}`);
  const [esp, , windows] = partitions;
  if (esp?.type !== ESP_TYPE || windows === undefined || partitions.length !== 3)
    throw new Error(`the partitions are ${JSON.stringify(partitions)}`);
  await checkSystemPartition(lab, disk, esp);
  await checkBootStore(lab, { disk, esp, title });
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
async function checkBootStore(
  lab: Lab,
  { disk, esp, title }: { disk: string; esp: ImagePartition; title: string },
): Promise<void> {
  const store = join(lab.directory, 'BCD');
  await fromFat(disk, esp, `${BOOT}/BCD`, store);
  const element = async (object: string, id: string): Promise<string> =>
    (
      await runCommand(['hivexget', store, `\\Objects\\${object}\\Elements\\${id}`, 'Element'])
    ).trim();
  const manager = '{9dea862c-5cdd-4e70-acc1-f32b344d4795}';
  const loader = await element(manager, '23000003');
  expect((await element(loader, '12000004')) === title, 'the menu shows the title of the image');
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
  lab.see('disk', `BCD read by hivex: "${title}", de-DE, ${loader}`);
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
  await checkStagedDrivers(lab, root, answers);
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

async function fromFat(disk: string, esp: ImagePartition, path: string, to: string): Promise<void> {
  await runCommand(['mcopy', '-o', '-i', `${disk}@@${esp.startBytes}`, `::/${path}`, to]);
}

/** A GUID as Windows and GPT store it, hex. */
function mixedEndian(guid: string): string {
  const [a = '', b = '', c = '', ...rest] = guid.toLowerCase().split('-');
  const field = (text: string): string => Buffer.from(text, 'hex').reverse().toString('hex');
  return [a, b, c].map(field).join('') + rest.join('');
}
