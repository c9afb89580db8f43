import { lstat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ContentManifest } from '../protocol/content.ts';
import { StepError } from '../sequence/step.ts';

/** Room that the file system itself takes for each file. */
const FILE_OVERHEAD_BYTES = 4096;
/** HRESULT of ERROR_DISK_FULL, ERROR_WRITE_FAULT. */
const DISK_FULL_CODE = 0x80070070;
const WRITE_FAULT_CODE = 0x8007001d;

/**
 * Refuses a package that its folder has no room for, before anything of it is fetched; what is there of it already
 * counts. @throws {StepError} `content.no-space`
 */
export async function assertRoom(
  manifest: ContentManifest,
  {
    folder,
    free,
    hint,
  }: {
    readonly folder: string;
    /** Room that is left around a folder. */
    readonly free: (folder: string) => Promise<number>;
    readonly hint: string;
  },
): Promise<void> {
  let needed = 0;
  for (const { path, sizeBytes } of manifest.objects) {
    const found = await lstat(join(folder, path)).catch(() => undefined);
    const there = found?.isFile() ? Math.min(found.blocks * 512, sizeBytes) : 0;
    needed += sizeBytes - there + FILE_OVERHEAD_BYTES;
  }
  const left = await free(dirname(folder));
  if (needed <= left) return;
  throw new StepError(
    'content.no-space',
    `Package ${manifest.packageId} version ${manifest.version} needs ${megabytes(needed)} in ${dirname(folder)}, ${megabytes(left)} are free`,
    { hint, exitCode: DISK_FULL_CODE },
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

/** What a step fails with when a package cannot be written; an error of its own stays. */
export function writeFailure(manifest: ContentManifest, folder: string, error: unknown): StepError {
  if (error instanceof StepError) return error;
  const full = error instanceof Error && 'code' in error && error.code === 'ENOSPC';
  const reason = error instanceof Error ? error.message : String(error);
  return new StepError(
    full ? 'content.no-space' : 'content.write',
    `Package ${manifest.packageId} version ${manifest.version} could not be written to ${folder}: ${reason}`,
    { cause: error, exitCode: full ? DISK_FULL_CODE : WRITE_FAULT_CODE },
  );
}
