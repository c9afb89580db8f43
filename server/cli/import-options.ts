import { type Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { readDocumentText } from '../document-text.ts';
import { CliError } from './cli-error.ts';
import { withServerOptions } from './client-command.ts';
import { readTextFile } from './sequence-file.ts';

const ImportOptions = z.object({
  report: z.union([z.literal(true), z.string()]).optional(),
  verbose: z.boolean().default(false),
  json: z.boolean().default(false),
  output: z.string().optional(),
  force: z.boolean().default(false),
  map: z.array(z.tuple([z.string(), z.string()])).default([]),
  mapFile: z.string().optional(),
  device: z.string().optional(),
  draft: z.boolean().default(false),
});
export type ImportOptions = z.output<typeof ImportOptions>;

/** Adds the options that all imports have. */
export function withImportOptions(command: Command): Command {
  return withServerOptions(
    command
      .option(
        '--report [file]',
        'only say what would become of it, nothing is stored; to a file by its ending: .txt, .json, .html',
      )
      .option('--verbose', 'every step in the report')
      .option('--json', 'as JSON')
      .option('--output <folder>', 'write the documents and the report there; nothing is stored')
      .option('--force', 'let --output replace files that are there')
      .option('--map <id=name>', 'what an object of the other site is called here', collectMap)
      .option('--map-file <file>', 'the same for many: YAML or JSON, id: name')
      .option('--device <file>', 'simulate on this device instead of a made-up one')
      .option('--draft', 'store drafts, also of what could be ready'),
  );
}

/** Reads what `withImportOptions` added. @throws {CliError} `cli.usage` */
export function readImportOptions(raw: unknown): ImportOptions {
  const options = ImportOptions.parse(raw);
  if (options.report !== undefined && options.output !== undefined)
    throw new CliError('cli.usage', '--report only reports, --output writes documents', {
      hint: 'name one of them: --output writes the report too',
      exitCode: 2,
    });
  if (typeof options.report === 'string' && !/\.(txt|json|html)$/i.test(options.report))
    throw new CliError('cli.usage', `a report is .txt, .json or .html, not ${options.report}`, {
      hint: 'put --report behind the files to read, or name a file with one of these endings',
      exitCode: 2,
    });
  return options;
}

const GivenNames = z.record(
  z.string().min(1).max(300),
  z.preprocess(
    (value) => (typeof value === 'number' ? String(value) : value),
    z.string().trim().min(1).max(128),
  ),
);

/** The names that somebody gave objects, by their id in lower case. @throws {CliError} `import.map`, `cli.file` */
export async function readGivenNames({
  map,
  mapFile,
}: ImportOptions): Promise<ReadonlyMap<string, string>> {
  const given = new Map<string, string>();
  if (mapFile !== undefined)
    for (const [id, name] of Object.entries(await readMapFile(mapFile)))
      given.set(id.trim().toLowerCase(), name);
  for (const [id, name] of map) given.set(id.toLowerCase(), name);
  return given;
}

async function readMapFile(file: string): Promise<Record<string, string>> {
  const text = await readTextFile(file);
  try {
    return GivenNames.parse(readDocumentText(text).value ?? {});
  } catch (error) {
    const message = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new CliError('import.map', `This is no list of ids and names: ${message}`, {
      where: file,
      hint: 'one line for each object: ABC00012: Windows 11 23H2',
      cause: error,
    });
  }
}

/** @throws {InvalidArgumentError} */
function collectMap(
  text: string,
  before: readonly (readonly [string, string])[] = [],
): readonly (readonly [string, string])[] {
  const [, id, name] = /^\s*([^=]{1,300}?)\s*=\s*(.{1,128}?)\s*$/.exec(text) ?? [];
  if (id === undefined || name === undefined)
    throw new InvalidArgumentError('write an id and a name: ABC00012="Windows 11 23H2"');
  return [...before, [id, name]];
}
