/** What an installation by Wine has left, by readers that are not ours: sgdisk, ntfs-3g, hivexget, Python. */
import { createHash } from 'node:crypto';
import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../child.ts';
import { ESP_TYPE, listFat, readPartitions } from '../disk-image.ts';
import { expect, type Lab } from '../scenario.ts';
import { withNtfs } from '../windows/ntfs-facts.ts';
import type { InstalledWindows } from './installed-windows.ts';

const HIVE = 'Windows/System32/config/SYSTEM';

/** Before the first start of the new Windows: answer file, scripts, service, drivers. */
export async function checkBeforeStart(
  lab: Lab,
  { volume, imagePath }: InstalledWindows,
  computerName: string,
): Promise<void> {
  const root = volume.folder;
  const answers = join(root, 'Windows/Panther/Unattend/Unattend.xml');
  const script =
    'import sys, xml.etree.ElementTree as t; print([e.text for e in t.parse(sys.argv[1]).iter() if e.tag.endswith("}ComputerName")])';
  const names = await runCommand(['python3', '-c', script, answers]);
  expect(names.includes(computerName), `the answer file names ${computerName}`, () => names);
  for (const name of ['SetupComplete.cmd', 'ErrorHandler.cmd'])
    await access(join(root, 'Windows/Setup/Scripts', name));
  const start = await runCommand([
    'hivexget',
    join(root, HIVE),
    '\\ControlSet001\\Services\\MetalwrightAgent',
    'Start',
  ]);
  expect(start.trim().endsWith('2'), 'the service starts by itself', () => start);
  lab.see('disk', `answer file for ${computerName}; service ${imagePath}, Start ${start.trim()}`);
}

/** Drivers of both packages, and none but the one that fits best of those to choose from. */
const DRIVERS = [
  { name: 'labdisk.inf', version: '1.2.3.4' },
  { name: 'labnet.inf', version: '2.0.0.1' },
];

/** The disk after the run, with nothing mounted. */
export async function checkAfterRun(
  lab: Lab,
  { disk, source }: { readonly disk: string; readonly source: string },
): Promise<void> {
  const partitions = await readPartitions(disk);
  for (const { number, name, type, sizeBytes } of partitions)
    lab.see('disk', `partition ${number} "${name}" ${Math.round(sizeBytes / 1048576)} MiB ${type}`);
  const [esp, reserved, windows] = partitions;
  if (esp?.type !== ESP_TYPE || reserved === undefined || windows === undefined)
    throw new Error(`the partitions are ${JSON.stringify(partitions)}`);
  const files = (await listFat(disk, esp)).map((path) => path.toLowerCase());
  for (const path of ['/efi/microsoft/boot/bcd', '/efi/microsoft/boot/bootmgfw.efi'])
    expect(files.includes(path), `${path} is on the EFI partition`, () => files.join('\n'));
  expect(!files.includes('/metalwright/journal.bin'), 'the journal of the run is gone', () =>
    files.join('\n'),
  );
  const folder = join(lab.directory, 'ntfs');
  await withNtfs(disk, windows.startBytes, folder, async (root) => {
    const same = await sameFiles(source, root);
    lab.see('disk', `${same} files of the image are on NTFS, byte for byte`);
    await checkDrivers(lab, root);
    const left = await readdir(join(root, 'Windows/Panther/Unattend')).catch((): string[] => []);
    expect(left.length === 0, 'no answer file is left', () => left.join(', '));
  });
}

/** How many files of a folder are in another one as they are; the registry is changed by the run. */
async function sameFiles(source: string, root: string): Promise<number> {
  const entries = await readdir(source, { recursive: true, withFileTypes: true });
  let same = 0;
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name).slice(source.length + 1);
    if (!entry.isFile() || path === HIVE) continue;
    const [one, other] = await Promise.all(
      [source, root].map(async (folder) => hashOf(join(folder, path))),
    );
    expect(one === other, `${path} is as in the image`);
    same += 1;
  }
  return same;
}

async function checkDrivers(lab: Lab, root: string): Promise<void> {
  const published = (await readdir(join(root, 'Windows/INF'))).filter((name) =>
    /^oem\d+\.inf$/.test(name),
  );
  const texts = await Promise.all(
    published.map(async (name) => readFile(join(root, 'Windows/INF', name), 'utf8')),
  );
  const repository = await readdir(join(root, 'Windows/System32/DriverStore/FileRepository'));
  expect(published.length === DRIVERS.length, `${DRIVERS.length} drivers are in the store`, () =>
    [...published, ...repository].join(', '),
  );
  for (const { name, version } of DRIVERS) {
    const isThere = repository.some((each) => each.startsWith(`${name}_amd64_`));
    expect(isThere && texts.some((text) => text.includes(version)), `${name} ${version} is there`);
    lab.see('disk', `driver ${name} ${version} is in the store of Windows`);
  }
}

async function hashOf(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
