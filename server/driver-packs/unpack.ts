import { mkdir, mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { CliError } from '../cli/cli-error.ts';
import { listFolder } from '../cli/package-folder.ts';
import { MAX_FILES } from '../inventory/package-path.ts';
import { type ArchiveEntry, entryProblem, parse7zList, parseInnoList } from './archive-entries.ts';
import { runTool } from './run-tool.ts';

/** Driver packs have some 2 GB; with graphics of all makers 8. */
const MAX_BYTES = 32 * 1024 ** 3;
const MAX_FILE_BYTES = 8 * 1024 ** 3;
/** Archives in archives: a self-extracting file with cabinets in it. */
const MAX_DEPTH = 3;
const NESTED = /\.(?:cab|zip|7z)$/i;

/** A folder with what was in the archive; gone when disposed. */
export interface Unpacked extends AsyncDisposable {
  readonly folder: string;
}

/**
 * Unpacks a driver pack: CAB, ZIP, 7z, WIM and what extracts itself (with one of them in it), by 7zz; an installer of
 * Inno Setup by innoextract. Everything is looked at before it is written: paths that lead out, links, too many or too
 * large files are refused. Where no driver is found, archives in it are unpacked too.
 *
 * @throws {CliError} `driver-pack.archive`, `driver-pack.entry`, `driver-pack.size`, `driver-pack.tool`, `cli.file`
 */
export async function unpackPack(file: string, signal: AbortSignal): Promise<Unpacked> {
  await assertFile(file);
  const folder = await mkdtemp(join(tmpdir(), 'metalwright-pack-'));
  const dispose = async () => rm(folder, { recursive: true, force: true });
  try {
    await unpackInto(file, folder, { depth: 1, signal });
  } catch (error) {
    await dispose();
    throw error;
  }
  return { folder, [Symbol.asyncDispose]: dispose };
}

interface Options {
  readonly depth: number;
  readonly signal: AbortSignal;
}

async function unpackInto(file: string, folder: string, options: Options): Promise<void> {
  const { depth, signal } = options;
  const limits = { signal, largestBytes: MAX_FILE_BYTES };
  if (await isInnoSetup(file, signal)) {
    const list = parseInnoList(
      await runTool(['innoextract', '--list', '--list-sizes', '--silent', '--', file], limits),
    );
    checkEntries(list, file);
    await runTool(
      ['innoextract', '--extract', '--silent', '--output-dir', folder, '--', file],
      limits,
    );
  } else {
    const list = parse7zList(
      await runTool(['7zz', 'l', '-slt', '-ba', '-sccUTF-8', '-p', '--', file], limits),
    );
    checkEntries(list, file);
    await runTool(
      ['7zz', 'x', '-y', '-bd', '-bso0', '-sccUTF-8', '-p', `-o${folder}`, '--', file],
      limits,
    );
  }
  // Links and strange names, again, by what was really written.
  const files = await listFolder(folder);
  let bytes = 0;
  for (const each of files) bytes += (await stat(each.file)).size;
  if (bytes > MAX_BYTES) throw tooLarge(file, bytes);
  if (files.some(({ path }) => /\.inf$/i.test(path)) || depth >= MAX_DEPTH) return;
  for (const { path, file: inner } of files.filter((each) => NESTED.test(each.path))) {
    const below = `${join(folder, path)}.unpacked`;
    await mkdir(below);
    await unpackInto(inner, below, { depth: depth + 1, signal });
    await rm(inner);
  }
}

function checkEntries(entries: readonly ArchiveEntry[], file: string): void {
  const files = entries.filter(({ isFolder }) => !isFolder);
  if (files.length === 0)
    throw new CliError('driver-pack.archive', 'there is no file in it', {
      where: file,
      hint: 'Is it a driver pack? Unpack it yourself and name the folder.',
    });
  if (files.length > MAX_FILES) throw tooLarge(file, files.length);
  const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (bytes > MAX_BYTES || files.some(({ sizeBytes }) => sizeBytes > MAX_FILE_BYTES))
    throw tooLarge(file, bytes);
  for (const entry of entries) {
    const problem = entryProblem(entry);
    if (problem !== undefined)
      throw new CliError('driver-pack.entry', `${JSON.stringify(entry.path)} in it ${problem}`, {
        where: file,
        hint: 'No driver pack has such a file: do not trust it, and load it down from its maker.',
      });
  }
}

function tooLarge(file: string, amount: number): CliError {
  return new CliError('driver-pack.size', `it unpacks to more than is allowed (${amount})`, {
    where: basename(file),
    hint: `A pack may have ${MAX_FILES} files and ${MAX_BYTES / 1024 ** 3} GB: unpack it yourself, and part the folder.`,
  });
}

/** Its loader says so in the program, or in the resources behind it; the first megabytes have both. */
async function isInnoSetup(file: string, signal: AbortSignal): Promise<boolean> {
  await using handle = await open(file, 'r');
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(4 * 1024 * 1024), {
    position: 0,
  });
  signal.throwIfAborted();
  const head = buffer.subarray(0, bytesRead);
  return head.subarray(0, 2).toString('latin1') === 'MZ' && head.includes('Inno Setup');
}

async function assertFile(file: string): Promise<void> {
  const facts = await stat(file).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CliError('cli.file', `cannot read: ${why}`, { where: file, cause });
  });
  if (!facts.isFile())
    throw new CliError('cli.file', 'this is neither a file nor a folder', { where: file });
}
