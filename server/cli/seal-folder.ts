import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  objectSeal,
  PACKAGE_KEY_BYTES,
  SEALED_PLAIN_BYTES,
  sealedChunkCount,
} from '#agent/protocol/sealed-object.ts';
import { CliError } from './cli-error.ts';
import type { FolderFile } from './package-folder.ts';

/** Files of a package as they are sent, sealed with a key of their own. */
export interface SealedFolder extends AsyncDisposable {
  readonly files: readonly FolderFile[];
  /** Base64. */
  readonly key: string;
}

/**
 * Seals files into a folder that only this account reads, and that goes when it is disposed. The key is new each time:
 * no two versions share one.
 */
export async function sealFolder(
  files: readonly FolderFile[],
  signal: AbortSignal,
): Promise<SealedFolder> {
  const key = randomBytes(PACKAGE_KEY_BYTES);
  const folder = await mkdtemp(join(tmpdir(), 'metalwright-secret-'));
  const dispose = () => rm(folder, { recursive: true, force: true });
  try {
    const sealed: FolderFile[] = [];
    for (const [index, { path, file }] of files.entries()) {
      const to = join(folder, String(index));
      await sealFile({ key, path, from: file, to }, signal);
      sealed.push({ path, file: to });
    }
    return { files: sealed, key: key.toString('base64'), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function sealFile(
  { key, path, from, to }: { key: Uint8Array; path: string; from: string; to: string },
  signal: AbortSignal,
): Promise<void> {
  const source = await open(from, 'r');
  try {
    const { size } = await source.stat();
    const target = await open(to, 'wx', 0o600);
    try {
      const seal = objectSeal(key, path);
      const count = sealedChunkCount(size);
      for (let index = 0; index < count; index += 1) {
        if (signal.aborted) throw new CliError('cli.stopped', 'stopped before all was sealed');
        const offset = index * SEALED_PLAIN_BYTES;
        const plain = new Uint8Array(Math.min(SEALED_PLAIN_BYTES, size - offset));
        await readAll(source, plain, offset, from);
        await target.writeFile(seal.seal(index, index === count - 1, plain));
      }
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function readAll(
  source: FileHandle,
  into: Uint8Array,
  offset: number,
  from: string,
): Promise<void> {
  for (let at = 0; at < into.length; ) {
    const { bytesRead } = await source.read(into, at, into.length - at, offset + at);
    if (bytesRead === 0)
      throw new CliError('cli.file', 'the file became shorter while it was read', { where: from });
    at += bytesRead;
  }
}
