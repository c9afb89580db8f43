import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContentObject } from '../protocol/content.ts';
import type { RunGrant } from '../protocol/policy.ts';
import { StepError } from '../sequence/step.ts';
import type { ClientCache } from './client-cache.ts';
import type { PackageFolders } from './content-folder.ts';
import { openVerified } from './verified-object.ts';

/**
 * SMSTSPreserveContent: what a run has fetched as files goes into the cache of the client, from where it lies;
 * nothing is fetched for it. What the cache cannot hold is told, and is no failure of the run.
 */
export async function preserveContent(
  { content }: Pick<RunGrant, 'content'>,
  parts: {
    readonly folders: Pick<PackageFolders, 'find'>;
    readonly cache: ClientCache;
    readonly log: (message: string) => void;
  },
  signal: AbortSignal,
): Promise<void> {
  const { folders, cache, log } = parts;
  for (const one of Object.values(content)) {
    if (one.kind === 'missing') continue;
    const { manifest } = one;
    // What lies here of a secret one is open, and was for its step alone.
    if (manifest.sealed !== undefined) continue;
    const folder = await folders.find(manifest);
    if (folder === undefined) continue;
    try {
      const kept = await cache.keep(manifest, openIn(folder, signal), signal);
      log(`${manifest.packageId} version ${manifest.version} stays in ${kept}`);
    } catch (error) {
      signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      log(`${manifest.packageId} version ${manifest.version} does not stay: ${reason}`);
    }
  }
}

function openIn(folder: string, signal: AbortSignal) {
  return (object: ContentObject) =>
    openVerified(
      object,
      {
        sources: [],
        fetchChunk: async () => {
          throw new StepError('content.missing', `${object.path} is not in ${folder}`);
        },
        local: async ({ path }, range) => readRange(join(folder, path), range),
      },
      signal,
    );
}

async function readRange(
  path: string,
  { first, last }: { readonly first: number; readonly last: number },
): Promise<Uint8Array | undefined> {
  const file = await open(path, 'r');
  try {
    const bytes = new Uint8Array(last - first + 1);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, first);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
