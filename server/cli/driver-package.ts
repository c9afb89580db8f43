import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { driverFacts } from '#agent/drivers/driver-facts.ts';
import {
  DRIVER_INDEX,
  DriverIndex,
  filesOfDriver,
  MAX_INDEX_BYTES,
} from '#agent/drivers/driver-index.ts';
import { parseInf } from '#agent/drivers/inf.ts';
import { InfError } from '#agent/drivers/inf-error.ts';
import { CHUNK_BYTES, type ContentObject } from '#agent/protocol/content.ts';
import { Sha256 } from '#agent/protocol/identity.ts';
import { CliError } from './cli-error.ts';
import { type FolderFile, hashFile } from './package-folder.ts';

/** The index as one more file of the package; its folder is gone when it is disposed. */
export interface IndexFile extends AsyncDisposable {
  readonly file: FolderFile;
  readonly drivers: number;
  /** INF files that are none of drivers, with why. */
  readonly others: readonly { readonly path: string; readonly reason: string }[];
}

/**
 * Reads the INF files of a folder and writes what they are for into an index, by which machines find the
 * drivers of their devices without fetching the package. An index that came with the folder is left out.
 * @throws {CliError} `package.no-driver`, `package.driver-index-size`, `cli.file`
 */
export async function indexDrivers(
  files: readonly FolderFile[],
  { categories, pack }: Pick<DriverIndex, 'categories' | 'pack'>,
  signal: AbortSignal,
): Promise<IndexFile> {
  const objects = new Map<string, ContentObject>();
  const objectOf = async (file: FolderFile): Promise<ContentObject> => {
    const known = objects.get(file.path);
    if (known) return known;
    const { path, sizeBytes, sha256 } = await hashFile(file, signal);
    const chunks = sizeBytes <= CHUNK_BYTES ? [sha256] : await chunkHashes(file.file, signal);
    const object = { path, sizeBytes, sha256, chunks: sizeBytes === 0 ? [] : chunks };
    objects.set(path, object);
    return object;
  };
  const drivers: DriverIndex['drivers'] = [];
  const others: { path: string; reason: string }[] = [];
  for (const { path, file } of files.filter((each) => /\.inf$/i.test(each.path))) {
    try {
      const facts = driverFacts(parseInf(await readFile(file)), path);
      const own: ContentObject[] = [];
      for (const each of filesOfDriver(path, files)) own.push(await objectOf(each));
      drivers.push({ facts, files: own });
    } catch (error) {
      if (!(error instanceof InfError)) throw error;
      others.push({ path, reason: error.message });
    }
  }
  if (drivers.length === 0)
    throw new CliError('package.no-driver', 'no INF file of a driver is in the folder', {
      where: others[0]?.path ?? 'the folder',
      hint: 'Unpack the drivers: installers and archives cannot be looked into.',
    });
  const json = JSON.stringify(
    DriverIndex.parse({
      format: 1,
      categories,
      ...(pack === undefined ? {} : { pack }),
      drivers,
    }),
  );
  if (json.length > MAX_INDEX_BYTES)
    throw new CliError('package.driver-index-size', 'these are too many drivers for one package', {
      where: `${drivers.length} drivers`,
      hint: 'Part the folder: better fewer than 500 drivers in each package.',
    });
  const folder = await mkdtemp(join(tmpdir(), 'metalwright-drivers-'));
  const file = join(folder, DRIVER_INDEX);
  await writeFile(file, json, { mode: 0o600 });
  return {
    file: { path: DRIVER_INDEX, file },
    drivers: drivers.length,
    others,
    [Symbol.asyncDispose]: async () => rm(folder, { recursive: true, force: true }),
  };
}

async function chunkHashes(file: string, signal: AbortSignal): Promise<Sha256[]> {
  const hashes: Sha256[] = [];
  let hash = createHash('sha256');
  let filled = 0;
  const end = (): void => {
    hashes.push(Sha256.parse(hash.digest('hex')));
    hash = createHash('sha256');
    filled = 0;
  };
  for await (const part of createReadStream(file, { highWaterMark: 1024 * 1024, signal })) {
    const bytes: Uint8Array = part;
    for (let at = 0; at < bytes.length; ) {
      const piece = bytes.subarray(at, at + CHUNK_BYTES - filled);
      hash.update(piece);
      filled += piece.length;
      at += piece.length;
      if (filled === CHUNK_BYTES) end();
    }
  }
  if (filled > 0) end();
  return hashes;
}
