import { createHash } from 'node:crypto';
import { Sha256 } from '#agent/protocol/identity.ts';
import { collectExport } from './collect-export.ts';
import { checkHash } from './hash-check.ts';
import {
  ARCHIVE_FORMAT,
  ARCHIVE_VERSION,
  ArchiveManifest,
  type ArchiveScope,
  MANIFEST_NAME,
  objectName,
} from './manifest.ts';
import type { ExportSite, SiteSequence } from './site.ts';
import { takeOutSecrets } from './take-out-secrets.ts';
import { type NewEntry, writeZip } from './write-zip.ts';

/**
 * Writes task sequences into an archive, with those that they run, and what `scope` says of the images and
 * packages that they reference. Secrets are taken out of texts and documents, and listed.
 *
 * @returns what it says of itself
 * @throws {ArchiveError} `archive.hash`: an object on the site is damaged
 */
export async function exportArchive(
  site: ExportSite,
  wanted: readonly SiteSequence[],
  options: { readonly file: string; readonly scope: ArchiveScope; readonly signal: AbortSignal },
): Promise<ArchiveManifest> {
  const { file, scope, signal } = options;
  const collected = await collectExport(site, wanted, scope);
  const taken = new Set<string>();
  const entries: NewEntry[] = [];
  const secrets: ArchiveManifest['secrets'] = [];
  const add = (name: string, text: string) => {
    const bytes = new TextEncoder().encode(text);
    entries.push({ name, bytes });
    const sha256 = Sha256.parse(createHash('sha256').update(bytes).digest('hex'));
    return { file: name, sizeBytes: bytes.length, sha256 };
  };
  const sequences = collected.sequences.map(({ text, document, ...each }) => {
    const { id, name, version, state, format, asked } = each;
    const without = takeOutSecrets({ text, format }, document);
    secrets.push(...without.paths.map((path) => ({ sequence: id, path })));
    const entry = add(`sequences/${fileName(name, id, taken)}.${format}`, without.text);
    return { id, name, version, state, format, asked, ...entry };
  });
  const content = new Map<Sha256, number>();
  const objects = collected.objects.map(({ id, kind, name, version, manifest }) => {
    if (manifest === undefined) return { id, kind, name, version };
    if (manifest.sealed !== undefined) return { id, kind, name, version, secret: true as const };
    for (const { sha256, sizeBytes } of manifest.objects) content.set(sha256, sizeBytes);
    const entry = add(`packages/${id}/manifest.json`, `${JSON.stringify(manifest, null, 1)}\n`);
    return { id, kind, name, version, manifest: entry };
  });
  const manifest = ArchiveManifest.parse({
    format: ARCHIVE_FORMAT,
    formatVersion: objects.some(({ kind }) => kind === 'application') ? ARCHIVE_VERSION : 1,
    with: scope,
    sequences,
    objects,
    missing: collected.missing,
    secrets,
  });
  const json = new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`);
  const stored = scope === 'content' ? [...content].toSorted(([a], [b]) => (a < b ? -1 : 1)) : [];
  await writeZip(
    file,
    [
      { name: MANIFEST_NAME, bytes: json },
      ...entries.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      ...stored.map(([sha256, sizeBytes]) => contentEntry(site, sha256, sizeBytes)),
    ],
    signal,
  );
  return manifest;
}

function contentEntry(site: ExportSite, sha256: Sha256, sizeBytes: number): NewEntry {
  const name = objectName(sha256);
  return {
    name,
    sizeBytes,
    open: async () =>
      checkHash(await site.open(sha256), { what: `object ${sha256}`, sizeBytes, sha256 }),
  };
}

/** A name that every file system takes, like that of the sequence; with its id where that is taken. */
function fileName(name: string, id: string, taken: Set<string>): string {
  const plain = name
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{N} ._-]+/gu, '_')
    .replaceAll(/^[ .]+|[ .]+$/g, '')
    .slice(0, 80);
  const isDevice = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(plain);
  const key = plain.toLowerCase();
  const own = plain === '' || isDevice || taken.has(key) ? `${plain} ${id}`.trim() : plain;
  taken.add(own.toLowerCase());
  return own;
}
