import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import yauzl from 'yauzl';
import { BackupError } from './backup-error.ts';
import { syncFile } from './make-backup.ts';
import { BackupManifest, MANIFEST_NAME } from './manifest.ts';
import { SEALED_MAGIC, unsealBytes } from './sealed-file.ts';

/** Largest manifest that is read. */
const MANIFEST_BYTES = 1024 * 1024;

/**
 * Unpacks a backup into a folder that is there and empty, and checks each file by the manifest. Nothing
 * else is touched.
 *
 * @throws {BackupError} `backup.format`, `backup.passphrase`, `backup.damaged`
 */
export async function readBackup(
  file: string,
  folder: string,
  passphrase: string | undefined,
): Promise<BackupManifest> {
  const sealed = await isSealed(file);
  if (sealed && passphrase === undefined)
    throw new BackupError('backup.passphrase', 'The backup is sealed by a passphrase', {
      hint: 'name the file with it by --passphrase-file',
    });
  const plain = sealed ? join(folder, 'backup.zip') : file;
  if (sealed && passphrase !== undefined)
    await pipeline(
      Readable.from(unsealBytes(createReadStream(file), passphrase)),
      createWriteStream(plain, { mode: 0o600, flags: 'wx' }),
    );
  const zip = await openZip(plain);
  try {
    const entries = new Map<string, yauzl.Entry>();
    for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
    const manifest = await readManifest(zip, entries.get(MANIFEST_NAME));
    for (const wanted of manifest.files) {
      const entry = entries.get(wanted.name);
      if (entry === undefined) throw damaged(`it has no ${wanted.name}`);
      const path = join(folder, wanted.name);
      const found = await extract(zip, entry, { path, limit: wanted.sizeBytes });
      if (found !== wanted.sha256)
        throw damaged(`${wanted.name} has other bytes than were backed up`);
      await syncFile(path);
    }
    return manifest;
  } finally {
    zip.close();
  }
}

async function isSealed(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(SEALED_MAGIC.length));
    return buffer.subarray(0, bytesRead).toString('latin1') === SEALED_MAGIC;
  } finally {
    await handle.close();
  }
}

async function openZip(file: string): Promise<yauzl.ZipFile> {
  try {
    return await yauzl.openPromise(file, { lazyEntries: true, autoClose: false });
  } catch (error) {
    throw new BackupError('backup.format', `${file} is no backup of Metalwright`, {
      hint: 'name a file that metalwright backup wrote; one that was cut off looks like this too',
      cause: error,
    });
  }
}

async function readManifest(
  zip: yauzl.ZipFile,
  entry: yauzl.Entry | undefined,
): Promise<BackupManifest> {
  if (entry === undefined || entry.uncompressedSize > MANIFEST_BYTES)
    throw new BackupError('backup.format', 'The file is no backup: it has no manifest', {
      hint: 'name a file that metalwright backup wrote',
    });
  try {
    const parts: Buffer[] = [];
    for await (const part of await zip.openReadStreamPromise(entry)) parts.push(Buffer.from(part));
    return BackupManifest.parse(JSON.parse(Buffer.concat(parts).toString('utf8')));
  } catch (error) {
    throw damaged('its manifest is not understood', error);
  }
}

/** Writes one entry, at most so many bytes, and answers their SHA-256. */
async function extract(
  zip: yauzl.ZipFile,
  entry: yauzl.Entry,
  { path, limit }: { readonly path: string; readonly limit: number },
): Promise<string> {
  const hash = createHash('sha256');
  let size = 0;
  const check = new Transform({
    transform(part: Uint8Array, _encoding, done) {
      size += part.length;
      hash.update(part);
      if (size > limit) done(new Error(`more than ${limit} bytes`));
      else done(null, part);
    },
  });
  try {
    const source = await zip.openReadStreamPromise(entry);
    await pipeline(source, check, createWriteStream(path, { mode: 0o600, flags: 'wx' }));
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw error; // the disk, not the backup
    throw damaged(`${entry.fileName} cannot be unpacked`, error);
  }
  return hash.digest('hex');
}

function damaged(what: string, cause?: unknown): BackupError {
  return new BackupError('backup.damaged', `The backup is damaged: ${what}`, {
    hint: 'take another copy of it, or an older backup; nothing was changed',
    cause,
  });
}
