import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { DRIVER_INDEX } from '#agent/drivers/driver-index.ts';
import { DriverPack, PackWindows, packVendors } from '#agent/drivers/driver-pack.ts';
import { MachineArchitecture } from '#agent/protocol/identity.ts';
import { decodeText } from '#media/xml/decode-text.ts';
import { XmlFault } from '#media/xml/xml-fault.ts';
import { isPackText, type PackText, packFacts } from '../driver-packs/pack-facts.ts';
import { unpackPack } from '../driver-packs/unpack.ts';
import { DriverPackageView } from '../http/api-drivers.ts';
import { CliError } from './cli-error.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { indexDrivers } from './driver-package.ts';
import { uploadPackage } from './package.ts';
import { type FolderFile, listFolder } from './package-folder.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';
import { formatBytes } from './units.ts';

const Names = z.array(z.string().trim().min(1).max(256)).max(2000).default([]);
const AddOptions = z.object({
  name: z.string().optional(),
  id: z.string().optional(),
  vendor: z.enum(packVendors).optional(),
  model: Names,
  systemSku: Names,
  baseboard: Names,
  lenovoType: Names,
  os: z.array(PackWindows).default([]),
  architecture: z.array(MachineArchitecture).default([]),
  category: z.array(z.string().trim().min(1).max(255)).max(100).default([]),
  manifest: z.string().optional(),
});
type AddOptions = z.output<typeof AddOptions>;

/** Texts of makers have some kilobytes, their catalogues 30 MB. */
const MAX_TEXT_BYTES = 64 * 1024 * 1024;
const MAX_TEXTS = 50;

/** `metalwright driver-pack add|list`. */
export function driverPackCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('driver-pack')
    .description('driver packs of makers of machines, for certain models');
  withServerOptions(
    command
      .command('add')
      .argument('<file|folder>', 'CAB, ZIP, 7z, self-extracting EXE, or a folder of drivers')
      .description(
        'unpack a driver pack, read its drivers and which machines it is for, and store it',
      )
      .option('--name <name>', "name that task sequences refer to (default: the file's)")
      .option('--id <id>', 'package id, 3 to 16 of A-Z and 0-9 (default: the next free one)')
      .addOption(new Option('--vendor <maker>', 'of these machines').choices(packVendors))
      .option('--model <name...>', 'models that it is for: "Latitude 5440"')
      .option('--system-sku <id...>', 'System SKU Number of SMBIOS: Dell, Surface')
      .option('--baseboard <id...>', 'product of the baseboard: HP')
      .option('--lenovo-type <type...>', 'first four characters of the model number: Lenovo')
      .addOption(
        new Option('--os <windows...>', 'Windows that it is for').choices(PackWindows.options),
      )
      .addOption(
        new Option('--architecture <architecture...>', 'of that Windows').choices(
          MachineArchitecture.options,
        ),
      )
      .option('--category <name...>', 'categories that a step may limit itself to')
      .option('--manifest <file>', "the maker's file that says what it is for, if it is not in it"),
  ).action(async (path: string, options: unknown) => {
    const wish = AddOptions.parse(options);
    const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() === true;
    await using unpacked = isFolder ? undefined : await unpackPack(path, terminal.signal);
    const files = (await listFolder(unpacked?.folder ?? path)).filter(
      (each) => each.path !== DRIVER_INDEX,
    );
    const pack = packOf(wish, packFacts(basename(path), await textsOf(path, files, wish)));
    await using index = await indexDrivers(
      files,
      { categories: wish.category, pack },
      terminal.signal,
    );
    const { id, name = nameOf(path) } = wish;
    const { made, sent } = await withApi(terminal, options, (api) =>
      uploadPackage(
        api,
        { name, kind: 'driver-package', ...(id === undefined ? {} : { id }) },
        { files: [...files, index.file], signal: terminal.signal },
      ),
    );
    for (const { path: inf, reason } of index.others)
      terminal.err(`${inf} is no driver: ${reason}\n`);
    terminal.out(
      `stored "${made.name}" as ${made.id}, version ${made.version}: ${index.drivers} drivers, ${formatBytes(made.sizeBytes)}; ${sent === 0 ? 'all was there already' : `${sent} files sent`}\nfor ${describePack(pack)}\n`,
    );
  });

  withServerOptions(
    command
      .command('list')
      .description('list driver packages with the machines that they are for')
      .option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const packs = await withApi(terminal, options, (api) =>
      api.call('GET', '/driver-packages', z.array(DriverPackageView)),
    );
    writeList(terminal, packs, {
      json: wantsJson(options),
      empty: 'no driver package is stored yet: metalwright driver-pack add <file>',
      columns: [
        { title: 'ID', value: (row) => row.packageId },
        { title: 'NAME', value: (row) => row.name },
        { title: 'VERSION', value: (row) => String(row.version) },
        { title: 'DRIVERS', value: (row) => row.problem ?? String(row.driverCount) },
        {
          title: 'FOR',
          value: (row) => (row.pack === null ? 'any machine' : describePack(row.pack)),
        },
      ],
    });
  });
}

/** What was said by options counts, for each part on its own. @throws {CliError} `driver-pack.models` */
function packOf(wish: AddOptions, found: DriverPack | undefined): DriverPack {
  const either = <Item>(said: readonly Item[], read: readonly Item[] | undefined): Item[] =>
    said.length > 0 ? [...said] : [...(read ?? [])];
  const pack = DriverPack.parse({
    vendor: wish.vendor ?? found?.vendor ?? null,
    version: found?.version ?? null,
    models: either(wish.model, found?.models),
    systemSkus: either(wish.systemSku, found?.systemSkus),
    baseBoards: either(wish.baseboard, found?.baseBoards),
    lenovoTypes: either(wish.lenovoType, found?.lenovoTypes),
    windows: either(wish.os, found?.windows),
    architectures: either(wish.architecture, found?.architectures),
  });
  const { models, systemSkus, baseBoards, lenovoTypes } = pack;
  if ([models, systemSkus, baseBoards, lenovoTypes].some((each) => each.length > 0)) return pack;
  throw new CliError('driver-pack.models', 'nothing says for which machines this pack is', {
    hint: 'Say it: --model "Latitude 5440", --system-sku, --baseboard or --lenovo-type; or name the file of its maker that says it: --manifest.',
  });
}

/** Texts of the pack, those beside it that are called like it, and the one that was named. */
async function textsOf(
  path: string,
  files: readonly FolderFile[],
  { manifest }: AddOptions,
): Promise<PackText[]> {
  const inside = files.filter((each) => isPackText(each.path)).slice(0, MAX_TEXTS);
  const beside = join(dirname(resolve(path)), `${nameOf(path)}.cva`);
  const named = manifest === undefined ? [] : [manifest];
  const texts: PackText[] = [];
  for (const file of [...named, beside, ...inside.map((each) => each.file)]) {
    const facts = await stat(file).catch(() => undefined);
    if (facts === undefined && file === manifest)
      throw new CliError('cli.file', 'there is no such file', { where: file });
    if (facts?.isFile() !== true || facts.size > MAX_TEXT_BYTES) continue;
    const text = textOf(await readFile(file));
    if (text !== undefined) texts.push({ name: basename(file), text });
  }
  return texts;
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decodeText(bytes, { fallback: 'windows-1252' });
  } catch (error) {
    if (error instanceof XmlFault) return undefined;
    throw error;
  }
}

function nameOf(path: string): string {
  return basename(resolve(path)).replace(/\.(?:cab|zip|7z|exe|msi)$/i, '');
}

function describePack(pack: DriverPack): string {
  const { vendor, models, systemSkus, baseBoards, lenovoTypes, windows, architectures } = pack;
  const part = (word: string, values: readonly string[]): string[] =>
    values.length === 0
      ? []
      : [
          `${word}${values.slice(0, 5).join(', ')}${values.length > 5 ? ` and ${values.length - 5} more` : ''}`,
        ];
  return [
    ...part('', vendor === null ? [] : [vendor]),
    ...part('', models),
    ...part('SKU ', systemSkus),
    ...part('board ', baseBoards),
    ...part('type ', lenovoTypes),
    ...part('', windows),
    ...part('', architectures),
  ].join('; ');
}
