import { open, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import type { PathFacts, QueryCapability } from '../../sequence/query-capability.ts';
import { peFileVersion } from '../pe-version.ts';
import { type InventorySources, linuxInventory } from './inventory.ts';
import { readOsRelease } from './os-release.ts';

/** Questions about a machine that runs Linux: it has no registry, no Windows Installer, no WMI. */
export function linuxQuery(sources: InventorySources): QueryCapability {
  return {
    path: async ({ path, kind }, signal) => {
      signal.throwIfAborted();
      return linuxPath(path, kind);
    },
    registry: undefined,
    software: undefined,
    system: async () => ({
      family: 'linux',
      version: (await readOsRelease(sources.root)).get('VERSION_ID') ?? '',
      architecture: sources.architecture,
      productType: null,
      language: null,
    }),
    inventory: linuxInventory(sources),
    wmi: undefined,
  };
}

/** A link counts as what it leads to. A program of Windows tells its version here too. */
async function linuxPath(path: string, kind: 'file' | 'folder'): Promise<PathFacts | null> {
  if (!isAbsolute(path) || path.includes('\0')) return null;
  const facts = await stat(path).catch(() => undefined);
  if (!facts || !(kind === 'file' ? facts.isFile() : facts.isDirectory())) return null;
  const modifiedMs = Math.floor(facts.mtimeMs);
  const file = kind === 'file' ? await open(path, 'r').catch(() => undefined) : undefined;
  if (!file) return { modifiedMs, version: null };
  try {
    const version = await peFileVersion(async (offset, length) => {
      const bytes = new Uint8Array(length);
      const { bytesRead } = await file.read(bytes, 0, length, offset);
      return bytes.subarray(0, bytesRead);
    });
    return { modifiedMs, version };
  } finally {
    await file.close();
  }
}
