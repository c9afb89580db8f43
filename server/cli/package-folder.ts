import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Sha256 } from '#agent/protocol/identity.ts';
import { fileAndFolder, MAX_FILES, packagePathProblem } from '../inventory/package-path.ts';
import { CliError } from './cli-error.ts';

/** A file of a folder, as it goes into a package. */
export interface FolderFile {
  /** Inside the package, with `/`. */
  readonly path: string;
  /** Where it is read. */
  readonly file: string;
}
export interface HashedFile extends FolderFile {
  readonly sizeBytes: number;
  readonly sha256: Sha256;
}

/**
 * All files of a folder, sorted; empty folders are none. Links are refused by name: what they lead to may
 * lie outside, and means another thing on another machine.
 *
 * @throws {CliError} `cli.file`, `package.not-a-file`, `package.path`, `package.path-twice`, `package.empty`,
 *   `package.too-many-files`
 */
export async function listFolder(folder: string): Promise<readonly FolderFile[]> {
  const found: FolderFile[] = [];
  const waiting: string[] = [''];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const entries = await readdir(join(folder, at), { withFileTypes: true }).catch(
      (error: unknown) => {
        throw fileError(join(folder, at), error);
      },
    );
    for (const entry of entries) {
      const path = at === '' ? entry.name : `${at}/${entry.name}`;
      if (entry.isDirectory()) waiting.push(path);
      else if (entry.isFile()) found.push(checked({ path, file: join(folder, path) }));
      else
        throw new CliError(
          'package.not-a-file',
          entry.isSymbolicLink()
            ? 'this is a symbolic link'
            : 'this is neither a file nor a folder',
          { where: join(folder, path), hint: 'put the file itself there, or take it out' },
        );
      if (found.length > MAX_FILES)
        throw new CliError(
          'package.too-many-files',
          `a package has at most ${MAX_FILES} files, this folder has more`,
          { where: folder, hint: 'pack some of them into one, or make several packages' },
        );
    }
  }
  if (found.length === 0)
    throw new CliError('package.empty', 'the folder has no file', { where: folder });
  const both = fileAndFolder(found.map(({ path }) => path));
  if (both !== undefined)
    throw new CliError('package.path-twice', `${both} is a folder too, where names have no case`, {
      where: folder,
      hint: 'rename one of them',
    });
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Reads a file for its size and hash. @throws {CliError} `cli.file` */
export async function hashFile(file: FolderFile, signal: AbortSignal): Promise<HashedFile> {
  try {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    for await (const part of createReadStream(file.file, { highWaterMark: 1024 * 1024, signal })) {
      hash.update(part);
      sizeBytes += part.length;
    }
    return { ...file, sizeBytes, sha256: Sha256.parse(hash.digest('hex')) };
  } catch (error) {
    if (signal.aborted) throw new CliError('cli.stopped', 'stopped before all files were read');
    throw fileError(file.file, error);
  }
}

/** The folder itself. @throws {CliError} `cli.file` */
export async function checkFolder(folder: string): Promise<void> {
  const facts = await stat(folder).catch((error: unknown) => {
    throw fileError(folder, error);
  });
  if (!facts.isDirectory())
    throw new CliError('cli.file', 'this is no folder', {
      where: folder,
      hint: 'name the folder whose files make the package',
    });
}

function checked(file: FolderFile): FolderFile {
  const problem = packagePathProblem(file.path);
  if (problem === undefined) return file;
  throw new CliError('package.path', problem, {
    where: file.file,
    hint: 'rename it, or take it out of the folder',
  });
}

function fileError(where: string, error: unknown): CliError {
  const text = error instanceof Error ? error.message : String(error);
  return new CliError('cli.file', `cannot read: ${text}`, {
    where,
    hint: 'name a folder whose files this user may read',
    cause: error,
  });
}
