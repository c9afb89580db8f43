import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { isIso, listIso, readIsoEntry } from '#media/iso/iso-file.ts';
import { findWindowsImage, type WindowsMediaFile } from '#media/iso/windows-media.ts';
import { CliError } from './cli-error.ts';

/** A WIM that is to be sent, wherever it lies. */
export interface WimSource {
  readonly sizeBytes: number;
  /** What it is called, for people. */
  readonly name: string;
  open(): Readable;
}

/**
 * A WIM or ESD file, or the one inside an ISO, which is read as it is: no copy is made.
 *
 * @throws {CliError} `cli.file`, `cli.usage`
 * @throws {IsoError} `iso.*`
 */
export async function openWimSource(
  file: string,
  {
    wanted,
    pathInIso,
  }: { readonly wanted: WindowsMediaFile; readonly pathInIso: string | undefined },
  signal: AbortSignal,
): Promise<WimSource> {
  const sizeBytes = await fileSize(file);
  if (await isIso(file)) {
    const entry = findWindowsImage(await listIso(file, signal), wanted, pathInIso);
    return {
      sizeBytes: entry.sizeBytes,
      name: `${file}: ${entry.path}`,
      open: () => readIsoEntry(file, entry, signal),
    };
  }
  if (pathInIso !== undefined)
    throw new CliError('cli.usage', 'the file is no disc image, so nothing lies inside', {
      where: '--path-in-iso',
      hint: 'leave the option out, or name an ISO',
    });
  return {
    sizeBytes,
    name: file,
    open: () => createReadStream(file, { highWaterMark: 1024 * 1024 }),
  };
}

async function fileSize(file: string): Promise<number> {
  const facts = await stat(file).catch((error: unknown) => {
    throw new CliError(
      'cli.file',
      `cannot read the image: ${error instanceof Error ? error.message : String(error)}`,
      {
        where: file,
        hint: 'name a WIM file that this user may read',
        cause: error,
      },
    );
  });
  if (facts.isFile() && facts.size > 0) return facts.size;
  throw new CliError('cli.file', facts.isFile() ? 'the file is empty' : 'this is not a file', {
    where: file,
    hint: 'name a WIM file, such as install.wim from Windows media or one made by wimlib-imagex capture',
  });
}
