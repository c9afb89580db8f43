import { open, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DocumentError } from '../documents/document-error.ts';
import {
  type DecodedText,
  decodeDocument,
  encodeDocument,
  MAX_FILE_BYTES,
  tooLarge,
} from '../documents/read/decode-document.ts';
import { CliError } from './cli-error.ts';

const CHUNK_BYTES = 256 * 1024;

/** Reads a file of YAML or JSON, also a pipe; no more of it than is allowed. @throws {CliError} `cli.file`, `document.*` */
export async function readDocumentFile(file: string): Promise<DecodedText> {
  try {
    return decodeDocument(await readBounded(file));
  } catch (error) {
    if (error instanceof DocumentError) {
      const hint = error.hint === undefined ? {} : { hint: error.hint };
      throw new CliError(error.code, error.message, { where: file, ...hint, cause: error });
    }
    throw fileError(error, file, 'cannot read', 'name a YAML or JSON file that this user may read');
  }
}

async function readBounded(file: string): Promise<Uint8Array> {
  await using handle = await open(file, 'r');
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(CHUNK_BYTES));
    if (bytesRead === 0) return Buffer.concat(chunks);
    chunks.push(buffer.subarray(0, bytesRead));
    length += bytesRead;
    if (length > MAX_FILE_BYTES) throw tooLarge(Math.max(length, (await handle.stat()).size));
  }
}

/**
 * Puts a text in the place of a file's, whole or not at all: it is written beside it, synced and renamed.
 * What links to the file still does, and its mode stays. @throws {CliError} `cli.file`
 */
export async function replaceDocumentFile(file: string, decoded: DecodedText): Promise<void> {
  try {
    const target = await realpath(file);
    const beside = join(dirname(target), `.${process.pid}-${Date.now()}.metalwright`);
    try {
      await writeSynced(beside, encodeDocument(decoded), target);
      await rename(beside, target);
    } catch (error) {
      await rm(beside, { force: true });
      throw error;
    }
    await using folder = await open(dirname(target), 'r');
    await folder.sync();
  } catch (error) {
    throw fileError(
      error,
      file,
      'cannot write',
      'name a file in a folder that this user may write to',
    );
  }
}

async function writeSynced(path: string, bytes: Uint8Array, like: string): Promise<void> {
  await using was = await open(like, 'r+');
  const { mode } = await was.stat();
  await using handle = await open(path, 'wx', mode);
  await handle.chmod(mode);
  await handle.writeFile(bytes);
  await handle.sync();
}

function fileError(error: unknown, file: string, what: string, hint: string): CliError {
  const message = error instanceof Error ? error.message : String(error);
  return new CliError('cli.file', `${what}: ${message}`, { where: file, hint, cause: error });
}
