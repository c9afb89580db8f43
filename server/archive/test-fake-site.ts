import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { ContentManifest } from '#agent/protocol/content.ts';
import { SequenceId, Sha256 } from '#agent/protocol/identity.ts';
import type { SequenceBatch } from '../http/api-sequences.ts';
import type { ExportSite, ImportSite } from './site.ts';

/** A site without a server, with one sequence, which uses one package; for tests. */
export function fakeExportSite(text: string, files: Readonly<Record<string, string>>): ExportSite {
  const bytesOf = new Map<string, Buffer>();
  const objects = Object.entries(files).map(([path, content]) => {
    const bytes = Buffer.from(content);
    const sha256 = hashOf(bytes);
    bytesOf.set(sha256, bytes);
    return { path, sizeBytes: bytes.length, sha256, chunks: bytes.length === 0 ? [] : [sha256] };
  });
  const head = { id: SequenceId.parse('MW100001'), name: 'Install', version: 3 };
  const manifest = ContentManifest.parse({
    packageId: 'MW100002',
    version: 1,
    name: 'Tools',
    kind: 'package',
    objects,
  });
  return {
    sequences: async () => [head],
    packages: async () => [{ id: manifest.packageId, name: 'Tools', kind: 'package', version: 1 }],
    document: async () => ({ ...head, state: 'ready', format: 'yaml', text }),
    manifest: async () => manifest,
    open: async (sha256) => Readable.from([bytesOf.get(sha256) ?? Buffer.alloc(0)]),
  };
}

/** An empty site without a server, and what was kept on it. */
export interface FakeImportSite extends ImportSite {
  readonly kept: SequenceBatch[];
  /** Objects that came in whole, by their hash. */
  readonly sent: Map<string, Buffer>;
}

/** Makes it; for tests. */
export function fakeImportSite(): FakeImportSite {
  const kept: SequenceBatch[] = [];
  const sent = new Map<string, Buffer>();
  return {
    kept,
    sent,
    sequences: async () => [],
    packages: async () => [],
    manifest: () => Promise.reject(new Error('it has no package')),
    begin: async () => randomUUID(),
    declare: async (_upload, files) =>
      files.flatMap(({ sha256 }) => (sent.has(sha256) ? [] : [sha256])),
    async send(_upload, { sha256, bytes }) {
      const parts: Uint8Array[] = [];
      for await (const part of bytes) if (part instanceof Uint8Array) parts.push(part);
      sent.set(sha256, Buffer.concat(parts));
    },
    async keep(batch) {
      kept.push(batch);
      const packages = batch.packages.map(({ kind }, index) => ({
        id: ContentManifest.shape.packageId.parse(`NEW0000${index}`),
        name: 'Tools',
        kind,
        version: 1,
      }));
      const sequences = batch.sequences.map((_each, index) => ({
        id: SequenceId.parse(`NEWS000${index}`),
        name: 'Install',
        version: 1,
        state: 'ready' as const,
        problems: [],
      }));
      return { packages, applications: [], sequences };
    },
  };
}

/** SHA-256 of bytes. */
export function hashOf(bytes: Uint8Array): Sha256 {
  return Sha256.parse(createHash('sha256').update(bytes).digest('hex'));
}
