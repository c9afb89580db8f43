import { writeFile } from 'node:fs/promises';
import { steps } from '#agent/steps/index.ts';
import { type Imported, importAll, type ReadFiles, reportImport } from '../import/import-all.ts';
import { mapSourceStep } from '../import/map-source-step.ts';
import { formatImportPage } from '../import/report/page.ts';
import type { ImportReport } from '../import/report/schema.ts';
import type { ShareReport } from '../import/report/share-schema.ts';
import { formatImportReport } from '../import/report/text.ts';
import { CliError } from './cli-error.ts';
import { type ImportOptions, readGivenNames } from './import-options.ts';
import { readDeviceFile } from './simulate-inputs.ts';
import { storeImported } from './store-imported.ts';
import type { Terminal } from './terminal.ts';
import { writeImported } from './write-imported.ts';

/**
 * Makes documents of what was read, and does with them what the options say: report, write, or store.
 * @throws {CliError} `import.incomplete`, where something could not be read
 */
export async function finishImport(
  terminal: Terminal,
  {
    files,
    options,
    raw,
    share,
  }: {
    readonly files: ReadFiles;
    readonly options: ImportOptions;
    readonly raw: unknown;
    /** The deployment share that all of it is from. */
    readonly share?: ShareReport;
  },
): Promise<void> {
  const given = await readGivenNames(options);
  const imported = importAll(files, { registry: steps, mapStep: mapSourceStep, given });
  if (options.report !== undefined || options.output !== undefined)
    await writeReports(terminal, imported, { ...options, share });
  else await storeImported(terminal, imported, { raw, options });
  const { failures } = imported;
  const [first] = failures;
  if (first === undefined) return;
  const more = failures.length > 1 ? ` (and ${failures.length - 1} more)` : '';
  throw new CliError('import.incomplete', `not all could be read: ${first.message}${more}`, {
    where: first.from,
    ...(first.hint === undefined ? {} : { hint: first.hint }),
  });
}

async function writeReports(
  terminal: Terminal,
  imported: Imported,
  options: ImportOptions & { readonly share?: ShareReport | undefined },
): Promise<void> {
  const { share, report: file, output, json, verbose } = options;
  const device = options.device === undefined ? undefined : await readDeviceFile(options.device);
  const report = await reportImport(imported, { registry: steps, device, share });
  if (output !== undefined) await writeImported(output, imported, { report, force: options.force });
  if (typeof file === 'string') await writeReportFile(file, report, verbose);
  else
    terminal.out(
      json ? `${JSON.stringify(report, null, 2)}\n` : formatImportReport(report, { verbose }),
    );
  if (typeof file === 'string') terminal.out(`the report is in ${file}\n`);
  if (output !== undefined && !json)
    terminal.out(`\n${imported.sequences.length} documents and the report are in ${output}\n`);
}

/** The form of a report by the ending of its file. */
async function writeReportFile(
  file: string,
  report: ImportReport,
  verbose: boolean,
): Promise<void> {
  const ending = file.toLowerCase().split('.').at(-1);
  const text =
    ending === 'html'
      ? formatImportPage(report)
      : ending === 'json'
        ? `${JSON.stringify(report, null, 2)}\n`
        : formatImportReport(report, { verbose });
  await writeFile(file, text).catch((error: unknown) => {
    throw new CliError(
      'cli.file',
      `cannot write: ${error instanceof Error ? error.message : String(error)}`,
      { where: file, hint: 'name a file that this user may write', cause: error },
    );
  });
}
