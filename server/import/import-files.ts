import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { importFailure, type ReadFiles } from './import-all.ts';
import { ImportError } from './import-error.ts';
import { type ReadSources, readSources } from './read/read-sources.ts';
import type { ImportFailure } from './report/schema.ts';

/** Files of a folder, at any depth. */
const MAX_FILES = 10_000;
const MAX_DEPTH = 16;
/** A file that is larger is not opened. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;

/**
 * Reads task sequences of other systems from files, and from all XML and ZIP files of folders. What cannot
 * be read stops nothing: it is told.
 */
export async function readImportFiles(paths: readonly string[]): Promise<ReadFiles> {
  const read: ReadSources[] = [];
  const failures: ImportFailure[] = [];
  const skipped: string[] = [];
  for (const path of paths)
    for (const { file, isNamed } of await filesAt(path, failures))
      try {
        read.push(await readOne(file));
      } catch (error) {
        const failure = importFailure(error, file);
        // In a folder, what is another thing altogether is left alone.
        if (isNamed || failure.code !== 'import.no-sequence') failures.push(failure);
        else skipped.push(file);
      }
  return { read, failures, skipped };
}

async function readOne(file: string): Promise<ReadSources> {
  const { size } = await stat(file).catch((error: unknown) => {
    throw cannotRead(file, error);
  });
  if (size > MAX_FILE_BYTES)
    throw new ImportError(
      'import.too-large',
      `${file}: has ${size} bytes, at most ${MAX_FILE_BYTES} are read`,
    );
  const bytes = await readFile(file).catch((error: unknown) => {
    throw cannotRead(file, error);
  });
  return readSources({ name: file, bytes });
}

/** A file that is named is read whatever it is called. */
async function filesAt(
  path: string,
  failures: ImportFailure[],
): Promise<readonly { readonly file: string; readonly isNamed: boolean }[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [{ file: path, isNamed: true }];
    const files: string[] = [];
    await listFiles(path, files, 0);
    if (files.length === 0)
      throw new ImportError('import.no-files', `${path}: there is no XML or ZIP file in it`, {
        hint: 'Name a folder with exports of Configuration Manager, or ts.xml files of MDT.',
      });
    return files.map((file) => ({ file, isNamed: false }));
  } catch (error) {
    failures.push(
      importFailure(error instanceof ImportError ? error : cannotRead(path, error), path),
    );
    return [];
  }
}

async function listFiles(folder: string, files: string[], depth: number): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => a.name.localeCompare(b.name))) {
    if (files.length >= MAX_FILES) return;
    const path = join(folder, entry.name);
    // A link may lead around in circles: it is not followed.
    if (entry.isDirectory()) {
      if (depth < MAX_DEPTH) await listFiles(path, files, depth + 1);
    } else if (entry.isFile() && ['.xml', '.zip'].includes(extname(entry.name).toLowerCase()))
      files.push(path);
  }
}

function cannotRead(path: string, error: unknown): ImportError {
  const reason = error instanceof Error ? error.message : String(error);
  return new ImportError('import.file', `${path}: cannot be read: ${reason}`, {
    hint: 'Name a file or folder that this user may read.',
    cause: error,
  });
}
