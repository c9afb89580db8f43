import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { DevicesImported } from '../http/api-devices.ts';
import type { ApiClient } from './api-client.ts';
import { CliError } from './cli-error.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { type CsvRow, decodeText, parseCsv } from './csv.ts';
import { columnsOfHeadings, deviceOfCells, parseColumns, plainColumns } from './device-columns.ts';
import type { Terminal } from './terminal.ts';

/** So many devices go into one import, and are kept together or not at all. */
const MOST = 10_000;
const SHOWN = 50;

const Options = z.object({
  headings: z.boolean().default(false),
  columns: z.string().optional(),
  onConflict: z.enum(['refuse', 'skip', 'overwrite']).default('refuse'),
  dryRun: z.boolean().default(false),
  keepGoing: z.boolean().default(false),
  name: z.string().optional(),
  guid: z.string().optional(),
  mac: z.array(z.string()).default([]),
  serial: z.string().optional(),
  assetTag: z.string().optional(),
  notes: z.string().optional(),
  collection: z.array(z.string()).default([]),
});

interface ImportLine {
  readonly line: number;
  readonly device: unknown;
}

/** `metalwright device import`. */
export function deviceImportCommand(device: Command, terminal: Terminal): void {
  withServerOptions(
    device
      .command('import')
      .argument('[file]', 'CSV file; - is standard input. Without --columns: name,SMBIOS GUID,MAC')
      .description('tell the server of machines before they start')
      .option('--headings', "the file's first line says what its columns are")
      .option(
        '--columns <columns>',
        'what the columns are: name,guid,mac,serial,asset-tag,notes,collection,variable:Name,secret:Name,ignore',
      )
      .addOption(
        new Option('--on-conflict <what>', 'what becomes of devices that are there already')
          .choices(['refuse', 'skip', 'overwrite'])
          .default('refuse'),
      )
      .option('--dry-run', 'only say what would be done')
      .option(
        '--keep-going',
        'import what can be, though some lines cannot; else it is all or nothing',
      )
      .option('--name <name>', 'one device: its name')
      .option('--guid <guid>', 'one device: its SMBIOS GUID')
      .option('--mac <mac...>', 'one device: its MAC addresses')
      .option('--serial <number>', 'one device: its serial number')
      .option('--asset-tag <tag>', 'one device: its asset tag')
      .option('--notes <text>', 'one device: notes')
      .option('--collection <collection...>', 'one device: collections that it becomes a member of')
      .option('--json', 'as JSON'),
  ).action(async (file: string | undefined, raw: unknown) => {
    const options = Options.parse(raw);
    const where = file === '-' ? 'standard input' : (file ?? '');
    const rows =
      file === undefined
        ? [oneDevice(options)]
        : parseDeviceFile(decodeText(await readBytes(file)), { ...options, where });
    const result = await withApi(terminal, raw, (api) => send(api, rows, options));
    if (wantsJson(raw)) terminal.out(`${JSON.stringify(result, null, 2)}\n`);
    else tell(terminal, result, options);
    if (!options.dryRun && result.refused > 0)
      throw new CliError(
        'cli.import',
        result.kept
          ? `${result.refused} of ${rows.length} devices were not imported`
          : `nothing was imported: ${result.refused} of ${rows.length} devices cannot be`,
        {
          where,
          hint: result.kept
            ? 'correct those lines and import them again, with --on-conflict skip for the others'
            : 'correct those lines, or import the others with --keep-going',
        },
      );
  });
}

/** The rows of a file as the API takes them. @throws {CliError} `cli.usage` */
export function parseDeviceFile(
  text: string,
  { where, headings, columns }: { where: string; headings: boolean; columns?: string | undefined },
): ImportLine[] {
  const rows = parseCsv(text.replace(/^\uFEFF/, ''), where);
  const [first, ...rest] = rows;
  if (first === undefined)
    throw new CliError('cli.usage', 'the file has no rows', { where, exitCode: 2 });
  const own = columns === undefined ? undefined : parseColumns(columns);
  const known =
    own ??
    (headings ? columnsOfHeadings(first.cells, `${where}, line ${first.line}`) : plainColumns);
  const data = headings ? rest : rows;
  if (data.length > MOST)
    throw new CliError(
      'cli.usage',
      `the file has ${data.length} devices, ${MOST} go into one import`,
      {
        where,
        hint: 'import it in parts',
        exitCode: 2,
      },
    );
  return data.map((row) => lineOf(row, known, where));
}

function lineOf(
  row: CsvRow,
  columns: ReturnType<typeof parseColumns> | typeof plainColumns,
  where: string,
): ImportLine {
  const extra = row.cells.slice(columns.length).filter((cell) => cell !== '');
  if (extra.length > 0)
    throw new CliError(
      'cli.usage',
      `more cells than the ${columns.length} columns that are known`,
      {
        where: `${where}, line ${row.line}`,
        hint: '--columns says what each column is; ignore is for one that says nothing',
        exitCode: 2,
      },
    );
  return { line: row.line, device: deviceOfCells(columns, row.cells) };
}

function oneDevice(options: z.output<typeof Options>): ImportLine {
  const { name, guid, mac, serial, assetTag, notes, collection } = options;
  if (name === undefined)
    throw new CliError('cli.usage', 'name a file, or one device with --name', {
      hint: 'metalwright device import --name PC01 --mac 00:11:22:aa:bb:cc',
      exitCode: 2,
    });
  const given = { name, smbiosGuid: guid, serialNumber: serial, assetTag, notes };
  return { line: 1, device: { ...given, macAddresses: mac, collections: collection } };
}

async function send(
  api: ApiClient,
  rows: readonly ImportLine[],
  { onConflict, dryRun, keepGoing }: z.output<typeof Options>,
): Promise<DevicesImported> {
  const json = { rows, onConflict, dryRun, keepGoing };
  return await api.call('POST', '/devices/import', DevicesImported, { json });
}

function tell(
  terminal: Terminal,
  { rows, kept, created, changed, skipped }: DevicesImported,
  { dryRun }: z.output<typeof Options>,
): void {
  const refused = rows.filter(({ outcome }) => outcome === 'refused');
  for (const { line, message, code } of refused.slice(0, SHOWN))
    terminal.err(`line ${line}: ${message} [${code}]\n`);
  if (refused.length > SHOWN) terminal.err(`and ${refused.length - SHOWN} more\n`);
  if (!kept && !dryRun) return;
  const [only] = rows;
  if (rows.length === 1 && only?.id != null && !dryRun)
    terminal.out(
      `${only.outcome === 'skipped' ? 'there already:' : 'imported'} ${only.name} (${only.id.slice(0, 8)})\n`,
    );
  else
    terminal.out(
      `${dryRun ? 'would be ' : ''}new ${created}, changed ${changed}, there already ${skipped}${dryRun ? `, refused ${refused.length}` : ''}\n`,
    );
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file === '-' ? '/dev/stdin' : file);
  } catch (error) {
    throw new CliError(
      'cli.file',
      `cannot read: ${error instanceof Error ? error.message : String(error)}`,
      {
        where: file,
        hint: 'name a CSV file that this user may read',
        cause: error,
      },
    );
  }
}
