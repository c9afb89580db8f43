import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatDocumentText } from '../documents/format-text.ts';
import { safeFileNames } from '../import/file-names.ts';
import type { Imported } from '../import/import-all.ts';
import { formatImportPage } from '../import/report/page.ts';
import type { ImportReport } from '../import/report/schema.ts';
import { CliError } from './cli-error.ts';

const REPORT = 'import-report';

/**
 * Writes each document as YAML with its comments, and the report as JSON and as a page, into a folder.
 * @throws {CliError} `import.exists` before anything is written, where a file of that name is there; `cli.file`
 */
export async function writeImported(
  folder: string,
  { sequences }: Imported,
  { report, force }: { readonly report: ImportReport; readonly force: boolean },
): Promise<void> {
  const names = safeFileNames([REPORT, ...sequences.map(({ name }) => name)]);
  const files = [
    ...sequences.map(({ document, comments }, index) => ({
      path: join(folder, `${names[index + 1]}.yaml`),
      text: formatDocumentText(document, { format: 'yaml', comments }),
    })),
    { path: join(folder, `${REPORT}.json`), text: `${JSON.stringify(report, null, 2)}\n` },
    { path: join(folder, `${REPORT}.html`), text: formatImportPage(report) },
  ];
  if (!force)
    for (const { path } of files)
      if (await exists(path))
        throw new CliError('import.exists', 'a file of that name is there already', {
          where: path,
          hint: 'name another folder, or replace what is there with --force; nothing was written',
        });
  try {
    await mkdir(folder, { recursive: true });
    // `wx`: what came to be in the meantime is not replaced either.
    for (const { path, text } of files) await writeFile(path, text, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    throw new CliError(
      'cli.file',
      `cannot write: ${error instanceof Error ? error.message : String(error)}`,
      { where: folder, hint: 'name a folder that this user may write', cause: error },
    );
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
